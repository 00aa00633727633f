PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY,
    "Timestamp" TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);
INSERT INTO __EFMigrationsHistory VALUES('20261123221826_Initial','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124182120_Data','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124182310_Labeling','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124211956_Searches','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261124213708_Evaluations','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261126130535_Judges','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261128152823_NothingTwice','10.0.15');
INSERT INTO __EFMigrationsHistory VALUES('20261128191913_SeparatedPeople','10.0.15');
CREATE TABLE IF NOT EXISTS "AspNetUsers" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_AspNetUsers" PRIMARY KEY,
    "DisplayName" TEXT NOT NULL,
    "IsAdmin" INTEGER NOT NULL,
    "IsDisabled" INTEGER NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "PrefersDark" INTEGER NOT NULL,
    "UserName" TEXT NULL,
    "NormalizedUserName" TEXT NULL,
    "Email" TEXT NULL,
    "NormalizedEmail" TEXT NULL,
    "EmailConfirmed" INTEGER NOT NULL,
    "PasswordHash" TEXT NULL,
    "SecurityStamp" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL,
    "PhoneNumber" TEXT NULL,
    "PhoneNumberConfirmed" INTEGER NOT NULL,
    "TwoFactorEnabled" INTEGER NOT NULL,
    "LockoutEnd" INTEGER NULL,
    "LockoutEnabled" INTEGER NOT NULL,
    "AccessFailedCount" INTEGER NOT NULL
, "DirectoryId" TEXT NULL, "ManagesModels" INTEGER NOT NULL DEFAULT 0);
INSERT INTO AspNetUsers VALUES('827df29f-2c49-46ac-af93-8aa08011dd01','Ada',1,0,639315167876285349,0,'ada','ADA',NULL,NULL,0,'AQAAAAIAAYagAAAAEKzf9euLv6CF6yNintCqf1PJuOePFltpt+iAs9WtBU0jiepZqG1+UJE/BjzOb8LgaA==','PERBIUAQJ65G7TXFH4QCG6QC3MVWZWTL','e8746b44-b563-4914-91e9-1cf868e270a1',NULL,0,0,NULL,1,0,NULL,0);
INSERT INTO AspNetUsers VALUES('c647cbe6-0f7b-4b01-8783-1c0ac3bc564e','Sam (demo colleague)',0,1,639315167973371432,0,'demo-colleague','DEMO-COLLEAGUE',NULL,NULL,0,NULL,'5dc287be1ddf4c6aa539756d75c30ef3','6dc25300-f0ad-498d-a0ca-d4de0377aee6',NULL,0,0,NULL,0,0,NULL,0);
CREATE TABLE IF NOT EXISTS "Audit" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_Audit" PRIMARY KEY AUTOINCREMENT,
    "At" INTEGER NOT NULL,
    "UserId" TEXT NOT NULL,
    "UserName" TEXT NOT NULL,
    "ProjectId" TEXT NULL,
    "Action" TEXT NOT NULL,
    "Subject" TEXT NOT NULL,
    "Before" TEXT NULL,
    "After" TEXT NULL
);
INSERT INTO Audit VALUES(1,639315167887934330,'827df29f-2c49-46ac-af93-8aa08011dd01','Ada',NULL,'account.first-admin-created','827df29f-2c49-46ac-af93-8aa08011dd01',NULL,NULL);
INSERT INTO Audit VALUES(2,639315167891791195,'827df29f-2c49-46ac-af93-8aa08011dd01','Ada','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','project.created','01a2252c-4ad5-7f1c-9ed2-4b22f965e0bd',NULL,'{"name":"Demo: messages to a shop"}');
INSERT INTO Audit VALUES(3,639315167902347793,'827df29f-2c49-46ac-af93-8aa08011dd01','Ada','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','goal.set','01a2252c-4e1e-70bf-8fa0-c90882c74bc9',NULL,'{"metric":"Accuracy","aim":null,"target":0.8,"limits":"Customers'' names never leave this server."}');
INSERT INTO Audit VALUES(4,639315167906528939,'827df29f-2c49-46ac-af93-8aa08011dd01','Ada','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','upload.completed','01a2252c-50fc-70af-951e-f07fc84ad4d8',NULL,'{"fileName":"shop-messages.csv","length":49838,"sha256":"3f403ef461e55c6f74aee6bd81181b4e79727f7f471139c5d16700eb054eac84"}');
INSERT INTO Audit VALUES(5,639315167933010102,'827df29f-2c49-46ac-af93-8aa08011dd01','Ada','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','dataset.imported','01a2252c-5a73-7822-b6b3-b832ee8c075f',NULL,'{"name":"Demo: messages to a shop","number":1,"rows":528,"sha256":"47edc342f859abf564c1a3a2fbe7faad998030765baa1b43af8f287da1140213","uploadId":"01a2252c-50fc-70af-951e-f07fc84ad4d8","parents":[]}');
INSERT INTO Audit VALUES(6,639315167941649122,'827df29f-2c49-46ac-af93-8aa08011dd01','Ada','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','dataset.split','01a2252c-5d9d-75d1-a249-2b24d42fc196',NULL,'{"name":"Demo: messages to a shop","number":2,"rows":528,"sha256":"993d3ed9c08db1966b9cb4bf6a80a14deed6d0089180ac15822968502b3c9be8","uploadId":null,"parents":["01a2252c-5a73-7822-b6b3-b832ee8c075f"]}');
INSERT INTO Audit VALUES(7,639315167970366783,'827df29f-2c49-46ac-af93-8aa08011dd01','Ada','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','dataset.published','01a2252c-5d9d-75d1-a249-2b24d42fc196',NULL,'{"name":"Demo: messages to a shop","number":2,"train":343,"validation":53,"test":132,"unanswered":0,"leakingRows":0}');
INSERT INTO Audit VALUES(8,639315167981926103,'c647cbe6-0f7b-4b01-8783-1c0ac3bc564e','Sam (demo colleague)','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','run.submitted','01a2252c-6cf2-7e23-a03b-496aaff95fae',NULL,'{"number":1,"name":"The same with a model that writes","specSha256":"68993709da3a4af5c48f9aa5aadffa42dbf672877cd536e4300f6e97c9fae412","datasetVersionId":"01a2252c-5d9d-75d1-a249-2b24d42fc196","method":{"method":"LoRA","rank":32,"alpha":32,"rankStabilised":false,"dropout":0,"targets":["q_proj","k_proj","v_proj","o_proj","gate_proj","up_proj","down_proj","embed_tokens","lm_head"]},"training":{"learningRate":0.0015,"schedule":"Cosine","warmupShare":0.05,"weightDecay":0.01,"maxGradientNorm":1,"epochs":8,"maxSteps":null,"microBatch":32,"accumulation":1,"contextTokens":128,"promptDropout":0.2,"packing":false,"gradientCheckpointing":false,"patience":0,"validateEverySteps":0,"checkpointEverySteps":100,"samples":3}}');
CREATE TABLE IF NOT EXISTS "Jobs" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Jobs" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "State" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "QueuedAt" INTEGER NOT NULL,
    "StartedAt" INTEGER NULL,
    "EndedAt" INTEGER NULL,
    "Slot" TEXT NULL,
    "ProcessId" INTEGER NULL,
    "Attempts" INTEGER NOT NULL,
    "LastEventSeq" INTEGER NOT NULL,
    "Step" INTEGER NOT NULL,
    "TotalSteps" INTEGER NOT NULL,
    "Progress" REAL NOT NULL,
    "SecondsLeft" REAL NULL,
    "FailureCause" TEXT NULL,
    "FailureAdvice" TEXT NULL,
    "HasCheckpoint" INTEGER NOT NULL,
    "Revision" INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS "Projects" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Projects" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "Description" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "NextNumber" INTEGER NOT NULL
, "Currency" TEXT NOT NULL DEFAULT '', "DeviceHourPrice" REAL NULL, "SeparatesPeople" INTEGER NOT NULL DEFAULT 0);
INSERT INTO Projects VALUES('01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','Demo: messages to a shop','Names the topic of a customer''s message. Made as a demo: approve the waiting run, watch it, judge it, try it.',639315167891791195,'827df29f-2c49-46ac-af93-8aa08011dd01',2,'EUR',NULL,0);
CREATE TABLE IF NOT EXISTS "AspNetUserClaims" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AspNetUserClaims" PRIMARY KEY AUTOINCREMENT,
    "UserId" TEXT NOT NULL,
    "ClaimType" TEXT NULL,
    "ClaimValue" TEXT NULL,
    CONSTRAINT "FK_AspNetUserClaims_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "AspNetUserLogins" (
    "LoginProvider" TEXT NOT NULL,
    "ProviderKey" TEXT NOT NULL,
    "ProviderDisplayName" TEXT NULL,
    "UserId" TEXT NOT NULL,
    CONSTRAINT "PK_AspNetUserLogins" PRIMARY KEY ("LoginProvider", "ProviderKey"),
    CONSTRAINT "FK_AspNetUserLogins_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "AspNetUserTokens" (
    "UserId" TEXT NOT NULL,
    "LoginProvider" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Value" TEXT NULL,
    CONSTRAINT "PK_AspNetUserTokens" PRIMARY KEY ("UserId", "LoginProvider", "Name"),
    CONSTRAINT "FK_AspNetUserTokens_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "PersonalAccessTokens" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_PersonalAccessTokens" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Hash" TEXT NOT NULL,
    "Start" TEXT NOT NULL,
    "Scopes" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "ExpiresAt" INTEGER NOT NULL,
    "LastUsedAt" INTEGER NULL,
    "RevokedAt" INTEGER NULL,
    CONSTRAINT "FK_PersonalAccessTokens_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "JobEvents" (
    "JobId" TEXT NOT NULL,
    "Seq" INTEGER NOT NULL,
    "Time" INTEGER NOT NULL,
    "Type" TEXT NOT NULL,
    "Json" TEXT NOT NULL,
    CONSTRAINT "PK_JobEvents" PRIMARY KEY ("JobId", "Seq"),
    CONSTRAINT "FK_JobEvents_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "JobMetrics" (
    "JobId" TEXT NOT NULL,
    "Seq" INTEGER NOT NULL,
    "Step" INTEGER NOT NULL,
    "Epoch" REAL NOT NULL,
    "Loss" REAL NULL,
    "ValidationLoss" REAL NULL,
    "Accuracy" REAL NULL,
    "LearningRate" REAL NULL,
    "GradientNorm" REAL NULL,
    "TokensPerSecond" REAL NULL,
    "MemoryBytes" INTEGER NULL,
    "Tokens" INTEGER NULL,
    "Time" INTEGER NOT NULL,
    CONSTRAINT "PK_JobMetrics" PRIMARY KEY ("JobId", "Seq"),
    CONSTRAINT "FK_JobMetrics_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "ApiKeys" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ApiKeys" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Hash" TEXT NOT NULL,
    "Start" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "LastUsedAt" INTEGER NULL,
    "RevokedAt" INTEGER NULL,
    CONSTRAINT "FK_ApiKeys_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "Datasets" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Datasets" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL, "Sheet" TEXT NULL,
    CONSTRAINT "FK_Datasets_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO Datasets VALUES('01A2252C-5A16-7511-8BCF-F791EE0220F3','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','Demo: messages to a shop','827df29f-2c49-46ac-af93-8aa08011dd01',639315167933010102,NULL);
CREATE TABLE IF NOT EXISTS "Goals" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Goals" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Metric" TEXT NOT NULL,
    "Target" REAL NOT NULL,
    "Limits" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL, "AtMost" INTEGER NOT NULL DEFAULT 0, "BenchmarkKind" TEXT NULL, "BenchmarkMetric" TEXT NULL,
    CONSTRAINT "FK_Goals_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO Goals VALUES('01A2252C-4E1E-70BF-8FA0-C90882C74BC9','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','Accuracy',0.8000000000000000444,'Customers'' names never leave this server.',639315167902347793,0,NULL,NULL);
CREATE TABLE IF NOT EXISTS "Invitations" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Invitations" PRIMARY KEY,
    "TokenHash" TEXT NOT NULL,
    "ProjectId" TEXT NULL,
    "Role" TEXT NOT NULL,
    "Note" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "ExpiresAt" INTEGER NOT NULL,
    "AcceptedBy" TEXT NULL,
    "AcceptedAt" INTEGER NULL,
    "RevokedAt" INTEGER NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_Invitations_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id")
);
CREATE TABLE IF NOT EXISTS "Memberships" (
    "ProjectId" TEXT NOT NULL,
    "UserId" TEXT NOT NULL,
    "Role" TEXT NOT NULL,
    "Since" INTEGER NOT NULL,
    CONSTRAINT "PK_Memberships" PRIMARY KEY ("ProjectId", "UserId"),
    CONSTRAINT "FK_Memberships_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE,
    CONSTRAINT "FK_Memberships_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO Memberships VALUES('01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','827df29f-2c49-46ac-af93-8aa08011dd01','Lead',639315167891791195);
INSERT INTO Memberships VALUES('01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','c647cbe6-0f7b-4b01-8783-1c0ac3bc564e','Engineer',639315167973377535);
CREATE TABLE IF NOT EXISTS "Uploads" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Uploads" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "FileName" TEXT NOT NULL,
    "Length" INTEGER NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "Sha256" TEXT NULL,
    "CompletedAt" INTEGER NULL, "Rights" TEXT NULL,
    CONSTRAINT "FK_Uploads_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO Uploads VALUES('01A2252C-50FC-70AF-951E-F07FC84AD4D8','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','827df29f-2c49-46ac-af93-8aa08011dd01','shop-messages.csv',49838,639315167906528939,'3f403ef461e55c6f74aee6bd81181b4e79727f7f471139c5d16700eb054eac84',639315167906528939,NULL);
CREATE TABLE IF NOT EXISTS "DatasetVersions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_DatasetVersions" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "DatasetId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Kind" TEXT NOT NULL,
    "Sha256" TEXT NOT NULL,
    "Rows" INTEGER NOT NULL,
    "Bytes" INTEGER NOT NULL,
    "UploadId" TEXT NULL,
    "Parents" TEXT NOT NULL,
    "Recipe" TEXT NOT NULL,
    "Report" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "Snapshot" TEXT NULL,
    "PublishedAt" INTEGER NULL,
    "PublishedBy" TEXT NULL, "BiasReport" TEXT NULL, "LeakReason" TEXT NULL, "LeakReasonAt" INTEGER NULL, "LeakReasonBy" TEXT NULL, "LeakRows" INTEGER NULL, "Leaks" TEXT NULL,
    CONSTRAINT "FK_DatasetVersions_Datasets_DatasetId" FOREIGN KEY ("DatasetId") REFERENCES "Datasets" ("Id") ON DELETE CASCADE
);
INSERT INTO DatasetVersions VALUES('01A2252C-5A73-7822-B6B3-B832EE8C075F','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','01A2252C-5A16-7511-8BCF-F791EE0220F3',1,'Imported','47edc342f859abf564c1a3a2fbe7faad998030765baa1b43af8f287da1140213',528,26539,'01A2252C-50FC-70AF-951E-F07FC84AD4D8','[]','{"fileName":"shop-messages.csv","sourceSha256":"3f403ef461e55c6f74aee6bd81181b4e79727f7f471139c5d16700eb054eac84","inspection":{"kind":"delimited","encoding":"utf8","csv":{"delimiter":",","quote":"\"","hasHeader":true,"columns":["text","topic"],"guardsFormulas":false},"bytes":49838,"lines":529,"invalidLines":0,"firstInvalidLine":null},"mapping":{"shape":"label","prompt":null,"input":null,"response":null,"system":null,"text":"text","pair":null,"label":"topic","labelsAsWords":false,"messages":null,"instances":null,"rowPerInstance":false,"rejected":null,"desired":null,"extra":[],"instruction":"","keepUnanswered":false}}','{"recordsRead":528,"rowsKept":528,"problemCount":0,"problems":[],"distinctLabels":12,"seconds":1.068143}','827df29f-2c49-46ac-af93-8aa08011dd01',639315167933010102,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO DatasetVersions VALUES('01A2252C-5D9D-75D1-A249-2B24D42FC196','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','01A2252C-5A16-7511-8BCF-F791EE0220F3',2,'Split','993d3ed9c08db1966b9cb4bf6a80a14deed6d0089180ac15822968502b3c9be8',528,26811,NULL,'["01A2252C-5A73-7822-B6B3-B832EE8C075F"]','{"validation":0.1,"test":0.25,"seed":42,"testVersionId":null,"dropLeaks":false,"stable":false,"groupBy":null}','{"train":343,"validation":53,"test":132,"leaks":0,"leaksDropped":false}','827df29f-2c49-46ac-af93-8aa08011dd01',639315167941649122,'{"train":{"path":"/srv/webtrainer/data/files/06/06d14fe75b5d83185240518b2f8e67fe92b1a444ec10dca684cfa070e9931348","sha256":"06d14fe75b5d83185240518b2f8e67fe92b1a444ec10dca684cfa070e9931348","rows":343},"validation":{"path":"/srv/webtrainer/data/files/08/08bbdf7f5831ad3168c956e34bf03a305f5d0f63eba1111a91c65f852fcd74eb","sha256":"08bbdf7f5831ad3168c956e34bf03a305f5d0f63eba1111a91c65f852fcd74eb","rows":53},"test":{"path":"/srv/webtrainer/data/files/b5/b5d5b8995cac916736a17d5b390e792d037ebe6ae0f14e725761126a780ac5a7","sha256":"b5d5b8995cac916736a17d5b390e792d037ebe6ae0f14e725761126a780ac5a7","rows":132},"general":null,"labels":["account access","address change","cancel order","damaged item","delivery problem","delivery status","invoice request","payment problem","product question","refund status","return request","wrong item"]}',639315167970366783,'827df29f-2c49-46ac-af93-8aa08011dd01',NULL,NULL,NULL,NULL,0,'{"words":13,"rows":0,"findings":[],"evaluationSets":[]}');
CREATE TABLE IF NOT EXISTS "Evaluations" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Evaluations" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "DatasetVersionId" TEXT NOT NULL,
    "RunIds" TEXT NOT NULL,
    "Spec" TEXT NOT NULL,
    "JobId" TEXT NOT NULL,
    "Report" TEXT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    CONSTRAINT "FK_Evaluations_DatasetVersions_DatasetVersionId" FOREIGN KEY ("DatasetVersionId") REFERENCES "DatasetVersions" ("Id") ON DELETE RESTRICT,
    CONSTRAINT "FK_Evaluations_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "DataJobs" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_DataJobs" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Subject" TEXT NOT NULL,
    "Title" TEXT NOT NULL,
    "Request" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedByName" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "Attempts" INTEGER NOT NULL,
    "State" TEXT NOT NULL,
    "EndedAt" INTEGER NULL,
    "Error" TEXT NULL,
    "DatasetId" TEXT NULL,
    "VersionNumber" INTEGER NULL,
    CONSTRAINT "FK_DataJobs_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
INSERT INTO DataJobs VALUES('01A2252C-5290-784D-A834-6B4E0DC88517','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','Import','01A2252C-50FC-70AF-951E-F07FC84AD4D8','Import shop-messages.csv','{"uploadId":"01a2252c-50fc-70af-951e-f07fc84ad4d8","name":"Demo: messages to a shop","mapping":{"shape":"label","prompt":null,"input":null,"response":null,"system":null,"text":"text","pair":null,"label":"topic","labelsAsWords":false,"messages":null,"instances":null,"rowPerInstance":false,"rejected":null,"desired":null,"extra":[],"instruction":"","keepUnanswered":false}}','827df29f-2c49-46ac-af93-8aa08011dd01','Ada',639315167913428932,1,'Done',639315167933010102,NULL,'01A2252C-5A16-7511-8BCF-F791EE0220F3',1);
INSERT INTO DataJobs VALUES('01A2252C-5BAF-7461-A97B-628F733557C1','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','Split','01A2252C-5A73-7822-B6B3-B832EE8C075F','Split Demo: messages to a shop version 1','{"version":{"datasetId":"01a2252c-5a16-7511-8bcf-f791ee0220f3","number":1},"recipe":{"validation":0.1,"test":0.25,"seed":42,"testVersionId":null,"dropLeaks":false,"stable":false,"groupBy":null}}','827df29f-2c49-46ac-af93-8aa08011dd01','Ada',639315167936516274,1,'Done',639315167941649122,NULL,'01A2252C-5A16-7511-8BCF-F791EE0220F3',2);
INSERT INTO DataJobs VALUES('01A2252C-5ED7-7F64-AB9A-6FE01798DBED','01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD','Publish','01A2252C-5D9D-75D1-A249-2B24D42FC196','Publish Demo: messages to a shop version 2','{"version":{"datasetId":"01a2252c-5a16-7511-8bcf-f791ee0220f3","number":2}}','827df29f-2c49-46ac-af93-8aa08011dd01','Ada',639315167945658134,1,'Done',639315167970366783,NULL,'01A2252C-5A16-7511-8BCF-F791EE0220F3',2);
CREATE TABLE IF NOT EXISTS "DataSources" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_DataSources" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Settings" TEXT NOT NULL,
    "Secret" TEXT NULL,
    "DatasetName" TEXT NOT NULL,
    "Mapping" TEXT NULL,
    "Schedule" TEXT NULL,
    "State" TEXT NULL,
    "SyncedAt" INTEGER NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedByName" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    CONSTRAINT "FK_DataSources_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "SavedItems" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_SavedItems" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Content" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    CONSTRAINT "FK_SavedItems_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "LabelTasks" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_LabelTasks" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "DatasetVersionId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Questions" TEXT NOT NULL,
    "QuestionsVersion" INTEGER NOT NULL,
    "Rules" TEXT NOT NULL,
    "Filter" TEXT NOT NULL,
    "Assignees" TEXT NOT NULL,
    "GuidelinesVersion" INTEGER NOT NULL,
    "Models" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "PausedAt" INTEGER NULL,
    "ClosedAt" INTEGER NULL,
    CONSTRAINT "FK_LabelTasks_DatasetVersions_DatasetVersionId" FOREIGN KEY ("DatasetVersionId") REFERENCES "DatasetVersions" ("Id") ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS "LabelItems" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_LabelItems" PRIMARY KEY,
    "TaskId" TEXT NOT NULL,
    "Ordinal" INTEGER NOT NULL,
    "RowId" TEXT NOT NULL,
    "State" TEXT NOT NULL,
    "Priority" REAL NOT NULL,
    "Shuffle" INTEGER NOT NULL,
    "Wanted" INTEGER NOT NULL,
    "Places" INTEGER NOT NULL,
    "Expected" TEXT NULL,
    "IsGold" INTEGER NOT NULL,
    "Suggestion" TEXT NULL,
    "SuggestedBy" TEXT NULL,
    "Candidates" TEXT NOT NULL,
    "Final" TEXT NULL,
    "ReviewedBy" TEXT NULL,
    "ReviewedAt" INTEGER NULL,
    "ReturnReason" TEXT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_LabelItems_LabelTasks_TaskId" FOREIGN KEY ("TaskId") REFERENCES "LabelTasks" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "Assignments" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Assignments" PRIMARY KEY,
    "TaskId" TEXT NOT NULL,
    "ItemId" TEXT NOT NULL,
    "UserId" TEXT NOT NULL,
    "State" TEXT NOT NULL,
    "TakenAt" INTEGER NOT NULL,
    "ExpiresAt" INTEGER NOT NULL,
    "Values" TEXT NULL,
    "Draft" TEXT NULL,
    "AnsweredAt" INTEGER NULL,
    "Seconds" REAL NOT NULL,
    "SkipReason" TEXT NULL,
    "TookSuggestion" INTEGER NULL,
    "QuestionsVersion" INTEGER NOT NULL,
    "GuidelinesVersion" INTEGER NOT NULL, "Heard" TEXT NULL, "Revision" INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT "FK_Assignments_LabelItems_ItemId" FOREIGN KEY ("ItemId") REFERENCES "LabelItems" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "ItemNotes" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ItemNotes" PRIMARY KEY,
    "TaskId" TEXT NOT NULL,
    "ItemId" TEXT NOT NULL,
    "UserId" TEXT NOT NULL,
    "IsFlag" INTEGER NOT NULL,
    "Text" TEXT NOT NULL,
    "At" INTEGER NOT NULL,
    "Reply" TEXT NULL,
    "RepliedAt" INTEGER NULL,
    CONSTRAINT "FK_ItemNotes_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE RESTRICT,
    CONSTRAINT "FK_ItemNotes_LabelItems_ItemId" FOREIGN KEY ("ItemId") REFERENCES "LabelItems" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "ModelAnswers" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ModelAnswers" PRIMARY KEY,
    "TaskId" TEXT NOT NULL,
    "RowId" TEXT NOT NULL,
    "Model" TEXT NOT NULL,
    "Text" TEXT NOT NULL,
    "At" INTEGER NOT NULL,
    CONSTRAINT "FK_ModelAnswers_LabelTasks_TaskId" FOREIGN KEY ("TaskId") REFERENCES "LabelTasks" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "TaskGuidelines" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_TaskGuidelines" PRIMARY KEY,
    "TaskId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Markdown" TEXT NOT NULL,
    "WrittenBy" TEXT NOT NULL,
    "WrittenAt" INTEGER NOT NULL,
    CONSTRAINT "FK_TaskGuidelines_LabelTasks_TaskId" FOREIGN KEY ("TaskId") REFERENCES "LabelTasks" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "WeakLabelings" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_WeakLabelings" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "DatasetVersionId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Labels" TEXT NOT NULL,
    "Balance" TEXT NOT NULL,
    "Functions" TEXT NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_WeakLabelings_DatasetVersions_DatasetVersionId" FOREIGN KEY ("DatasetVersionId") REFERENCES "DatasetVersions" ("Id") ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS "AnswerVersions" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_AnswerVersions" PRIMARY KEY,
    "AssignmentId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Act" TEXT NOT NULL,
    "Values" TEXT NULL,
    "At" INTEGER NOT NULL,
    CONSTRAINT "FK_AnswerVersions_Assignments_AssignmentId" FOREIGN KEY ("AssignmentId") REFERENCES "Assignments" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "Searches" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Searches" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Name" TEXT NOT NULL,
    "DatasetVersionId" TEXT NOT NULL,
    "BaseModel" TEXT NOT NULL,
    "Spec" TEXT NOT NULL,
    "SpecSha256" TEXT NOT NULL,
    "Approval" TEXT NOT NULL,
    "SubmittedBy" TEXT NOT NULL,
    "SubmittedAt" INTEGER NOT NULL,
    "DecidedBy" TEXT NULL,
    "DecidedAt" INTEGER NULL,
    "DecisionReason" TEXT NULL,
    "State" TEXT NOT NULL,
    "Note" TEXT NULL,
    "EndedAt" INTEGER NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_Searches_DatasetVersions_DatasetVersionId" FOREIGN KEY ("DatasetVersionId") REFERENCES "DatasetVersions" ("Id") ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS "SearchTrials" (
    "SearchId" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "Point" TEXT NOT NULL,
    "RunId" TEXT NULL,
    "Outcome" TEXT NOT NULL,
    "ToldToEnd" TEXT NULL,
    "Value" REAL NULL,
    "Reason" TEXT NULL,
    CONSTRAINT "PK_SearchTrials" PRIMARY KEY ("SearchId", "Number"),
    CONSTRAINT "FK_SearchTrials_Runs_RunId" FOREIGN KEY ("RunId") REFERENCES "Runs" ("Id"),
    CONSTRAINT "FK_SearchTrials_Searches_SearchId" FOREIGN KEY ("SearchId") REFERENCES "Searches" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "Runs" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Runs" PRIMARY KEY,
    "Approval" TEXT NOT NULL,
    "BaseModel" TEXT NOT NULL,
    "DatasetVersionId" TEXT NOT NULL,
    "DecidedAt" INTEGER NULL,
    "DecidedBy" TEXT NULL,
    "DecisionReason" TEXT NULL,
    "JobId" TEXT NULL,
    "Name" TEXT NOT NULL,
    "Number" INTEGER NOT NULL,
    "ProjectId" TEXT NOT NULL,
    "Revision" INTEGER NOT NULL,
    "SearchId" TEXT NULL,
    "Spec" TEXT NOT NULL,
    "SpecSha256" TEXT NOT NULL,
    "SubmittedAt" INTEGER NOT NULL,
    "SubmittedBy" TEXT NOT NULL,
    CONSTRAINT "FK_Runs_DatasetVersions_DatasetVersionId" FOREIGN KEY ("DatasetVersionId") REFERENCES "DatasetVersions" ("Id") ON DELETE RESTRICT,
    CONSTRAINT "FK_Runs_Jobs_JobId" FOREIGN KEY ("JobId") REFERENCES "Jobs" ("Id"),
    CONSTRAINT "FK_Runs_Searches_SearchId" FOREIGN KEY ("SearchId") REFERENCES "Searches" ("Id") ON DELETE RESTRICT
);
INSERT INTO Runs VALUES('01A2252C-6CF2-7E23-A03B-496AAFF95FAE','Submitted','webtrainer-base-8m','01A2252C-5D9D-75D1-A249-2B24D42FC196',NULL,NULL,NULL,NULL,'The same with a model that writes',1,'01A2252C-4AD5-7F1C-9ED2-4B22F965E0BD',0,NULL,replace('{\n  "version": 1,\n  "runId": "01a2252c-6cf2-7e23-a03b-496aaff95fae",\n  "kind": "train",\n  "baseModel": "/srv/webtrainer/models/webtrainer-base-8m",\n  "baseModelSha256": "ba268d6773d193beddb8bbbd06871569246d2692a97071d5a429e92e610aa44b",\n  "data": {\n    "train": {\n      "path": "/srv/webtrainer/data/files/06/06d14fe75b5d83185240518b2f8e67fe92b1a444ec10dca684cfa070e9931348",\n      "sha256": "06d14fe75b5d83185240518b2f8e67fe92b1a444ec10dca684cfa070e9931348",\n      "rows": 343\n    },\n    "validation": {\n      "path": "/srv/webtrainer/data/files/08/08bbdf7f5831ad3168c956e34bf03a305f5d0f63eba1111a91c65f852fcd74eb",\n      "sha256": "08bbdf7f5831ad3168c956e34bf03a305f5d0f63eba1111a91c65f852fcd74eb",\n      "rows": 53\n    },\n    "test": {\n      "path": "/srv/webtrainer/data/files/b5/b5d5b8995cac916736a17d5b390e792d037ebe6ae0f14e725761126a780ac5a7",\n      "sha256": "b5d5b8995cac916736a17d5b390e792d037ebe6ae0f14e725761126a780ac5a7",\n      "rows": 132\n    },\n    "general": {\n      "path": "/srv/webtrainer/models/webtrainer-base-8m/heldout.txt",\n      "sha256": "c78e36786cb41954bc580c522045599e8d223f3f5bc1110be267148a53525d25",\n      "rows": 0\n    },\n    "labels": [\n      "account access",\n      "address change",\n      "cancel order",\n      "damaged item",\n      "delivery problem",\n      "delivery status",\n      "invoice request",\n      "payment problem",\n      "product question",\n      "refund status",\n      "return request",\n      "wrong item"\n    ]\n  },\n  "template": {\n    "system": "<|system|>{content}",\n    "user": "<|user|>{content}",\n    "assistantPrefix": "<|assistant|>",\n    "assistantSuffix": "<|end|>"\n  },\n  "method": {\n    "method": "loRA",\n    "rank": 32,\n    "alpha": 32,\n    "rankStabilised": false,\n    "dropout": 0,\n    "targets": [\n      "q_proj",\n      "k_proj",\n      "v_proj",\n      "o_proj",\n      "gate_proj",\n      "up_proj",\n      "down_proj",\n      "embed_tokens",\n      "lm_head"\n    ]\n  },\n  "objective": {\n    "kind": "answers",\n    "beta": 0.1,\n    "teacher": null,\n    "temperature": 2,\n    "teacherShare": 0.5\n  },\n  "training": {\n    "learningRate": 0.0015,\n    "schedule": "cosine",\n    "warmupShare": 0.05,\n    "weightDecay": 0.01,\n    "maxGradientNorm": 1,\n    "epochs": 8,\n    "maxSteps": null,\n    "microBatch": 32,\n    "accumulation": 1,\n    "contextTokens": 128,\n    "promptDropout": 0.2,\n    "packing": false,\n    "gradientCheckpointing": false,\n    "patience": 0,\n    "validateEverySteps": 0,\n    "checkpointEverySteps": 100,\n    "samples": 3\n  },\n  "evaluation": null,\n  "serving": null,\n  "exportedAdapter": null,\n  "seed": 42,\n  "device": "cpu",\n  "threads": 0\n}','\n',char(10)),'68993709da3a4af5c48f9aa5aadffa42dbf672877cd536e4300f6e97c9fae412',639315167981926103,'c647cbe6-0f7b-4b01-8783-1c0ac3bc564e');
CREATE TABLE IF NOT EXISTS "BenchmarkFiles" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_BenchmarkFiles" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Sha256" TEXT NOT NULL,
    "Bytes" INTEGER NOT NULL,
    "Questions" INTEGER NOT NULL,
    "AddedBy" TEXT NOT NULL,
    "AddedAt" INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS "Judges" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Judges" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Source" TEXT NOT NULL,
    "Address" TEXT NOT NULL,
    "Model" TEXT NOT NULL,
    "Secret" TEXT NULL,
    "Rubric" TEXT NOT NULL,
    "ReplyTokens" INTEGER NOT NULL,
    "Seed" INTEGER NOT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "RetiredAt" INTEGER NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_Judges_Projects_ProjectId" FOREIGN KEY ("ProjectId") REFERENCES "Projects" ("Id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "JudgeVerdicts" (
    "Key" TEXT NOT NULL CONSTRAINT "PK_JudgeVerdicts" PRIMARY KEY,
    "JudgeId" TEXT NOT NULL,
    "Reply" TEXT NOT NULL,
    "At" INTEGER NOT NULL,
    CONSTRAINT "FK_JudgeVerdicts_Judges_JudgeId" FOREIGN KEY ("JudgeId") REFERENCES "Judges" ("Id") ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS "JudgeWorks" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_JudgeWorks" PRIMARY KEY,
    "ProjectId" TEXT NOT NULL,
    "JudgeId" TEXT NOT NULL,
    "Kind" TEXT NOT NULL,
    "Subject" TEXT NOT NULL,
    "Request" TEXT NOT NULL,
    "Settings" TEXT NOT NULL,
    "SettingsSha256" TEXT NOT NULL,
    "State" TEXT NOT NULL,
    "Error" TEXT NULL,
    "Result" TEXT NULL,
    "CreatedBy" TEXT NOT NULL,
    "CreatedByName" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "EndedAt" INTEGER NULL,
    "Revision" INTEGER NOT NULL,
    CONSTRAINT "FK_JudgeWorks_Judges_JudgeId" FOREIGN KEY ("JudgeId") REFERENCES "Judges" ("Id") ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS "CommandReceipts" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_CommandReceipts" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Key" TEXT NOT NULL,
    "Command" TEXT NOT NULL,
    "At" INTEGER NOT NULL,
    "Ended" INTEGER NOT NULL,
    "Result" TEXT NULL,
    CONSTRAINT "FK_CommandReceipts_AspNetUsers_UserId" FOREIGN KEY ("UserId") REFERENCES "AspNetUsers" ("Id") ON DELETE CASCADE
);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('Audit',8);
CREATE UNIQUE INDEX "IX_ApiKeys_Hash" ON "ApiKeys" ("Hash");
CREATE INDEX "IX_ApiKeys_ProjectId" ON "ApiKeys" ("ProjectId");
CREATE INDEX "IX_AspNetUserClaims_UserId" ON "AspNetUserClaims" ("UserId");
CREATE INDEX "IX_AspNetUserLogins_UserId" ON "AspNetUserLogins" ("UserId");
CREATE INDEX "EmailIndex" ON "AspNetUsers" ("NormalizedEmail");
CREATE UNIQUE INDEX "UserNameIndex" ON "AspNetUsers" ("NormalizedUserName");
CREATE INDEX "IX_Audit_ProjectId_Id" ON "Audit" ("ProjectId", "Id");
CREATE UNIQUE INDEX "IX_Datasets_ProjectId_Name" ON "Datasets" ("ProjectId", "Name");
CREATE UNIQUE INDEX "IX_DatasetVersions_DatasetId_Number" ON "DatasetVersions" ("DatasetId", "Number");
CREATE INDEX "IX_DatasetVersions_ProjectId" ON "DatasetVersions" ("ProjectId");
CREATE INDEX "IX_Evaluations_DatasetVersionId" ON "Evaluations" ("DatasetVersionId");
CREATE UNIQUE INDEX "IX_Evaluations_JobId" ON "Evaluations" ("JobId");
CREATE UNIQUE INDEX "IX_Evaluations_ProjectId_Number" ON "Evaluations" ("ProjectId", "Number");
CREATE INDEX "IX_Goals_ProjectId" ON "Goals" ("ProjectId");
CREATE INDEX "IX_Invitations_ProjectId" ON "Invitations" ("ProjectId");
CREATE UNIQUE INDEX "IX_Invitations_TokenHash" ON "Invitations" ("TokenHash");
CREATE INDEX "IX_Jobs_State_QueuedAt" ON "Jobs" ("State", "QueuedAt");
CREATE INDEX "IX_Memberships_UserId" ON "Memberships" ("UserId");
CREATE UNIQUE INDEX "IX_PersonalAccessTokens_Hash" ON "PersonalAccessTokens" ("Hash");
CREATE INDEX "IX_PersonalAccessTokens_UserId" ON "PersonalAccessTokens" ("UserId");
CREATE INDEX "IX_Uploads_ProjectId" ON "Uploads" ("ProjectId");
CREATE TRIGGER Audit_NoUpdate BEFORE UPDATE ON Audit BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;
CREATE TRIGGER Audit_NoDelete BEFORE DELETE ON Audit BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;
CREATE INDEX "IX_DataJobs_ProjectId" ON "DataJobs" ("ProjectId");
CREATE INDEX "IX_DataJobs_State" ON "DataJobs" ("State");
CREATE UNIQUE INDEX "IX_DataSources_ProjectId_Name" ON "DataSources" ("ProjectId", "Name");
CREATE UNIQUE INDEX "IX_SavedItems_ProjectId_Kind_Name" ON "SavedItems" ("ProjectId", "Kind", "Name");
CREATE INDEX "IX_LabelTasks_DatasetVersionId" ON "LabelTasks" ("DatasetVersionId");
CREATE INDEX "IX_LabelTasks_ProjectId" ON "LabelTasks" ("ProjectId");
CREATE UNIQUE INDEX "IX_LabelItems_TaskId_Ordinal" ON "LabelItems" ("TaskId", "Ordinal");
CREATE INDEX "IX_LabelItems_TaskId_State_Ordinal" ON "LabelItems" ("TaskId", "State", "Ordinal");
CREATE INDEX "IX_LabelItems_TaskId_Priority_Shuffle" ON "LabelItems" ("TaskId", "Priority" DESC, "Shuffle") WHERE "State" = 'Open' AND "Places" > 0;
CREATE UNIQUE INDEX "IX_AnswerVersions_AssignmentId_Number" ON "AnswerVersions" ("AssignmentId", "Number");
CREATE UNIQUE INDEX "IX_Assignments_ItemId_UserId" ON "Assignments" ("ItemId", "UserId");
CREATE INDEX "IX_Assignments_TaskId_State_ExpiresAt" ON "Assignments" ("TaskId", "State", "ExpiresAt");
CREATE INDEX "IX_Assignments_TaskId_UserId_State_AnsweredAt" ON "Assignments" ("TaskId", "UserId", "State", "AnsweredAt");
CREATE INDEX "IX_ItemNotes_ItemId" ON "ItemNotes" ("ItemId");
CREATE INDEX "IX_ItemNotes_TaskId" ON "ItemNotes" ("TaskId");
CREATE INDEX "IX_ItemNotes_UserId" ON "ItemNotes" ("UserId");
CREATE INDEX "IX_ModelAnswers_TaskId_RowId" ON "ModelAnswers" ("TaskId", "RowId");
CREATE UNIQUE INDEX "IX_TaskGuidelines_TaskId_Number" ON "TaskGuidelines" ("TaskId", "Number");
CREATE INDEX "IX_WeakLabelings_DatasetVersionId" ON "WeakLabelings" ("DatasetVersionId");
CREATE INDEX "IX_WeakLabelings_ProjectId" ON "WeakLabelings" ("ProjectId");
CREATE INDEX "IX_Searches_DatasetVersionId" ON "Searches" ("DatasetVersionId");
CREATE UNIQUE INDEX "IX_Searches_ProjectId_Number" ON "Searches" ("ProjectId", "Number");
CREATE INDEX "IX_Searches_State" ON "Searches" ("State");
CREATE INDEX "IX_SearchTrials_Outcome" ON "SearchTrials" ("Outcome");
CREATE UNIQUE INDEX "IX_SearchTrials_RunId" ON "SearchTrials" ("RunId");
CREATE INDEX "IX_Runs_DatasetVersionId" ON "Runs" ("DatasetVersionId");
CREATE UNIQUE INDEX "IX_Runs_JobId" ON "Runs" ("JobId");
CREATE UNIQUE INDEX "IX_Runs_ProjectId_Number" ON "Runs" ("ProjectId", "Number");
CREATE INDEX "IX_Runs_SearchId" ON "Runs" ("SearchId");
CREATE UNIQUE INDEX "IX_BenchmarkFiles_ProjectId_Name" ON "BenchmarkFiles" ("ProjectId", "Name");
CREATE UNIQUE INDEX "IX_Judges_ProjectId_Name" ON "Judges" ("ProjectId", "Name");
CREATE INDEX "IX_JudgeVerdicts_JudgeId" ON "JudgeVerdicts" ("JudgeId");
CREATE INDEX "IX_JudgeWorks_JudgeId_SettingsSha256" ON "JudgeWorks" ("JudgeId", "SettingsSha256");
CREATE INDEX "IX_JudgeWorks_ProjectId_Subject" ON "JudgeWorks" ("ProjectId", "Subject");
CREATE INDEX "IX_JudgeWorks_State" ON "JudgeWorks" ("State");
CREATE INDEX "IX_CommandReceipts_At" ON "CommandReceipts" ("At");
CREATE UNIQUE INDEX "IX_CommandReceipts_UserId_Key" ON "CommandReceipts" ("UserId", "Key");
COMMIT;
