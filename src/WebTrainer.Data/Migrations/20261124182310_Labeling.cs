using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WebTrainer.Data.Migrations
{
    /// <inheritdoc />
    public partial class Labeling : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            LabelingConversion.Before(migrationBuilder);

            migrationBuilder.DropTable(
                name: "LabelAnswers");

            migrationBuilder.DropColumn(
                name: "Kind",
                table: "LabelTasks");

            migrationBuilder.RenameColumn(
                name: "Question",
                table: "LabelTasks",
                newName: "Rules");

            migrationBuilder.RenameColumn(
                name: "Options",
                table: "LabelTasks",
                newName: "Questions");

            migrationBuilder.RenameColumn(
                name: "AnswersPerItem",
                table: "LabelTasks",
                newName: "QuestionsVersion");

            migrationBuilder.AddColumn<string>(
                name: "Filter",
                table: "LabelTasks",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<int>(
                name: "GuidelinesVersion",
                table: "LabelTasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "Models",
                table: "LabelTasks",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<long>(
                name: "PausedAt",
                table: "LabelTasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Candidates",
                table: "LabelItems",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<string>(
                name: "Expected",
                table: "LabelItems",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsGold",
                table: "LabelItems",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "Places",
                table: "LabelItems",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<double>(
                name: "Priority",
                table: "LabelItems",
                type: "REAL",
                nullable: false,
                defaultValue: 0.0);

            migrationBuilder.AddColumn<int>(
                name: "Shuffle",
                table: "LabelItems",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "SuggestedBy",
                table: "LabelItems",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Suggestion",
                table: "LabelItems",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Wanted",
                table: "LabelItems",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.CreateTable(
                name: "Assignments",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    TaskId = table.Column<Guid>(type: "TEXT", nullable: false),
                    ItemId = table.Column<Guid>(type: "TEXT", nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    TakenAt = table.Column<long>(type: "INTEGER", nullable: false),
                    ExpiresAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Values = table.Column<string>(type: "TEXT", nullable: true),
                    Draft = table.Column<string>(type: "TEXT", nullable: true),
                    AnsweredAt = table.Column<long>(type: "INTEGER", nullable: true),
                    Seconds = table.Column<double>(type: "REAL", nullable: false),
                    SkipReason = table.Column<string>(type: "TEXT", nullable: true),
                    TookSuggestion = table.Column<bool>(type: "INTEGER", nullable: true),
                    QuestionsVersion = table.Column<int>(type: "INTEGER", nullable: false),
                    GuidelinesVersion = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Assignments", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Assignments_LabelItems_ItemId",
                        column: x => x.ItemId,
                        principalTable: "LabelItems",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ItemNotes",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    TaskId = table.Column<Guid>(type: "TEXT", nullable: false),
                    ItemId = table.Column<Guid>(type: "TEXT", nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    IsFlag = table.Column<bool>(type: "INTEGER", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    Reply = table.Column<string>(type: "TEXT", nullable: true),
                    RepliedAt = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ItemNotes", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ItemNotes_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_ItemNotes_LabelItems_ItemId",
                        column: x => x.ItemId,
                        principalTable: "LabelItems",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "ModelAnswers",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    TaskId = table.Column<Guid>(type: "TEXT", nullable: false),
                    RowId = table.Column<string>(type: "TEXT", nullable: false),
                    Model = table.Column<string>(type: "TEXT", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelAnswers", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ModelAnswers_LabelTasks_TaskId",
                        column: x => x.TaskId,
                        principalTable: "LabelTasks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "TaskGuidelines",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    TaskId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Markdown = table.Column<string>(type: "TEXT", nullable: false),
                    WrittenBy = table.Column<string>(type: "TEXT", nullable: false),
                    WrittenAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TaskGuidelines", x => x.Id);
                    table.ForeignKey(
                        name: "FK_TaskGuidelines_LabelTasks_TaskId",
                        column: x => x.TaskId,
                        principalTable: "LabelTasks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "WeakLabelings",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    ProjectId = table.Column<Guid>(type: "TEXT", nullable: false),
                    DatasetVersionId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Labels = table.Column<string>(type: "TEXT", nullable: false),
                    Balance = table.Column<string>(type: "TEXT", nullable: false),
                    Functions = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedBy = table.Column<string>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Revision = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WeakLabelings", x => x.Id);
                    table.ForeignKey(
                        name: "FK_WeakLabelings_DatasetVersions_DatasetVersionId",
                        column: x => x.DatasetVersionId,
                        principalTable: "DatasetVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "AnswerVersions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    AssignmentId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Act = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    Values = table.Column<string>(type: "TEXT", nullable: true),
                    At = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AnswerVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_AnswerVersions_Assignments_AssignmentId",
                        column: x => x.AssignmentId,
                        principalTable: "Assignments",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_LabelItems_TaskId_Priority_Shuffle",
                table: "LabelItems",
                columns: new[] { "TaskId", "Priority", "Shuffle" },
                descending: new[] { false, true, false },
                filter: "\"State\" = 'Open' AND \"Places\" > 0");

            migrationBuilder.CreateIndex(
                name: "IX_AnswerVersions_AssignmentId_Number",
                table: "AnswerVersions",
                columns: new[] { "AssignmentId", "Number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Assignments_ItemId_UserId",
                table: "Assignments",
                columns: new[] { "ItemId", "UserId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Assignments_TaskId_State_ExpiresAt",
                table: "Assignments",
                columns: new[] { "TaskId", "State", "ExpiresAt" });

            migrationBuilder.CreateIndex(
                name: "IX_Assignments_TaskId_UserId_State_AnsweredAt",
                table: "Assignments",
                columns: new[] { "TaskId", "UserId", "State", "AnsweredAt" });

            migrationBuilder.CreateIndex(
                name: "IX_ItemNotes_ItemId",
                table: "ItemNotes",
                column: "ItemId");

            migrationBuilder.CreateIndex(
                name: "IX_ItemNotes_TaskId",
                table: "ItemNotes",
                column: "TaskId");

            migrationBuilder.CreateIndex(
                name: "IX_ItemNotes_UserId",
                table: "ItemNotes",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_ModelAnswers_TaskId_RowId",
                table: "ModelAnswers",
                columns: new[] { "TaskId", "RowId" });

            migrationBuilder.CreateIndex(
                name: "IX_TaskGuidelines_TaskId_Number",
                table: "TaskGuidelines",
                columns: new[] { "TaskId", "Number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_WeakLabelings_DatasetVersionId",
                table: "WeakLabelings",
                column: "DatasetVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_WeakLabelings_ProjectId",
                table: "WeakLabelings",
                column: "ProjectId");

            LabelingConversion.After(migrationBuilder);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AnswerVersions");

            migrationBuilder.DropTable(
                name: "ItemNotes");

            migrationBuilder.DropTable(
                name: "ModelAnswers");

            migrationBuilder.DropTable(
                name: "TaskGuidelines");

            migrationBuilder.DropTable(
                name: "WeakLabelings");

            migrationBuilder.DropTable(
                name: "Assignments");

            migrationBuilder.DropIndex(
                name: "IX_LabelItems_TaskId_Priority_Shuffle",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "Filter",
                table: "LabelTasks");

            migrationBuilder.DropColumn(
                name: "GuidelinesVersion",
                table: "LabelTasks");

            migrationBuilder.DropColumn(
                name: "Models",
                table: "LabelTasks");

            migrationBuilder.DropColumn(
                name: "PausedAt",
                table: "LabelTasks");

            migrationBuilder.DropColumn(
                name: "Candidates",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "Expected",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "IsGold",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "Places",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "Priority",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "Shuffle",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "SuggestedBy",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "Suggestion",
                table: "LabelItems");

            migrationBuilder.DropColumn(
                name: "Wanted",
                table: "LabelItems");

            migrationBuilder.RenameColumn(
                name: "Rules",
                table: "LabelTasks",
                newName: "Question");

            migrationBuilder.RenameColumn(
                name: "QuestionsVersion",
                table: "LabelTasks",
                newName: "AnswersPerItem");

            migrationBuilder.RenameColumn(
                name: "Questions",
                table: "LabelTasks",
                newName: "Options");

            migrationBuilder.AddColumn<string>(
                name: "Kind",
                table: "LabelTasks",
                type: "TEXT",
                maxLength: 32,
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "LabelAnswers",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    ItemId = table.Column<Guid>(type: "TEXT", nullable: false),
                    Returned = table.Column<bool>(type: "INTEGER", nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    Value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LabelAnswers", x => x.Id);
                    table.ForeignKey(
                        name: "FK_LabelAnswers_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_LabelAnswers_LabelItems_ItemId",
                        column: x => x.ItemId,
                        principalTable: "LabelItems",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_LabelAnswers_ItemId_UserId",
                table: "LabelAnswers",
                columns: new[] { "ItemId", "UserId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_LabelAnswers_UserId",
                table: "LabelAnswers",
                column: "UserId");
        }
    }
}
