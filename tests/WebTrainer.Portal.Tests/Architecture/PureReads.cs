namespace WebTrainer.Portal.Tests.Architecture;

/// <summary>Public methods of services that write nothing into the audit log, each under the reason.</summary>
internal static class PureReads
{
    private static readonly Dictionary<string, string[]> s_byReason = new(StringComparer.Ordinal)
    {
        ["lists what there is, without its content"] =
        [
            "AccessTokenService.ListAsync",
            "AdapterImports.ListAsync",
            "AlertService.ListAsync",
            "ApiKeyService.ListAsync",
            "ArenaService.FormAsync",
            "BenchmarkLibrary.ListAsync",
            "ComparisonService.ChoicesAsync",
            "DatasetProfiles.EncodersAsync",
            "DatasetProfiles.TokenizersAsync",
            "DatasetService.ListAsync",
            "DatasetService.OperationsAsync",
            "DatasetService.PublishedAsync",
            "DeploymentService.ListAsync",
            "DirectoryRules.ListAsync",
            "DirectoryRules.ProjectsAsync",
            "EvaluationService.ListAsync",
            "FindService.FindAsync",
            "JudgeService.ListAsync",
            "JudgeService.LocalModelsAsync",
            "JudgeWorkService.ChoicesAsync",
            "JudgeWorkService.ModelsOfAsync",
            "JudgeWorkService.OfEvaluationAsync",
            "JudgeWorkService.OfJudgeAsync",
            "LabelingService.FormAsync",
            "LabelingService.ListAsync",
            "ModelLibrary.ListAsync",
            "PlaygroundService.ModelsAsync",
            "ProjectService.ListMineAsync",
            "QueueService.FindAsync",
            "QueueService.ListAsync",
            "QueueService.MayRankAsync",
            "RunService.ListAsync",
            "SavedItemService.SavedAsync",
            "SearchService.ListAsync",
            "ServerService.ReadAsync",
            "SourceService.ListAsync",
            "UploadService.WaitingAsync",
            "WeakService.ListAsync",
        ],
        ["says whether a button is shown"] =
        [
            "AlertService.MayAddAsync",
            "ApiKeyService.MayManageAsync",
            "BenchmarkLibrary.MayManageAsync",
            "DeploymentService.MayAsync",
            "JudgeService.MayManageAsync",
            "ModelLibrary.MayManageAsync",
            "RunService.IsJudgedAsync",
            "RunService.MayApproveAsync",
            "RunService.MaySubmitAsync",
        ],
        ["one thing's settings, state and figures, no row of data"] =
        [
            "AdapterImports.OfferAsync",
            "ChecklistService.OfProjectAsync",
            "ChecklistService.OfRunAsync",
            "ComparisonService.LoadAsync",
            "DatasetCleaning.RecipeAsync",
            "DatasetDocuments.FactsAsync",
            "DatasetDocuments.SourcesAsync",
            "DatasetDocuments.WarningsAsync",
            "DatasetService.GetVersionAsync",
            "DatasetService.LineageAsync",
            "DatasetService.LineageGraphAsync",
            "DeploymentService.EvidenceAsync",
            "DeploymentService.GetAsync",
            "EvaluationService.GetAsync",
            "EvaluationService.NewestAsync",
            "EvaluationService.NewestOfBaseAsync",
            "EvaluationService.NewestOfRunAsync",
            "EvaluationService.NewestOfRunsAsync",
            "Evidence.OfAsync",
            "JudgeService.GetAsync",
            "JudgeWorkService.GetAsync",
            "PolicyService.GetAsync",
            "PrivacyLosses.OfVersionAsync",
            "RetrainingService.ViewAsync",
            "RunService.DefaultsAsync",
            "RunService.GetAsync",
            "RunService.RequestOfAsync",
            "SearchService.GetAsync",
            "UploadService.GetAsync",
            "WeakService.ReadAsync",
        ],
        ["counts over all rows, which name no row"] =
        [
            "ArenaService.RankAsync",
            "DatasetProfiles.ExtraColumnsAsync",
            "DatasetProfiles.LabelsAsync",
            "DatasetProfiles.LanguagesAsync",
            "DatasetProfiles.ProfileAsync",
            "DatasetProfiles.TokensAsync",
            "LabelingService.LabelsAsync",
            "MonitoringService.TrafficAsync",
            "TaskOverviews.AgreementAsync",
            "TaskOverviews.ReadAsync",
            "TokenCosts.SpeedsAsync",
            "TrafficDrift.LastAsync",
        ],
        ["waits for an index, and gives nothing of it"] = ["DatasetSearch.WhenIndexedAsync"],
        ["how far the project is, and its goals"] =
        [
            "ProjectPath.GoalsAsync",
            "ProjectPath.ReadAsync",
            "ProjectService.GetAsync",
            "ProjectService.GoalsAsync",
            "ProjectService.PriceAsync",
            "ProjectService.SeparationAsync",
        ],
        ["who works here, for those who work here"] = ["ProjectService.MembersAsync", "ProjectService.OpenInvitationsAsync"],
        ["accounts, for the administrators who keep them"] = ["UserAdministration.ListAsync", "UserAdministration.OpenInvitationsAsync"],
        ["what waits for the caller, without its content"] = ["MyWork.ReadAsync", "MyWork.RunningAsync"],
        ["the course of a run: figures, its log, and the few samples that the run itself shows"] =
        [
            "RunCurves.ReadAsync",
            "RunFeed.ApprovalAsync",
            "RunFeed.WatchProjectAsync",
            "RunFeed.WatchRunAsync",
            "RunFeed.WhenDecidedAsync",
        ],
        ["what this machine is"] = ["ServerFacts.ReadAsync"],
        ["the log itself: reading it changes nothing that it tells of; taking it away is an act"] = ["AuditLog.ReadAsync"],
        ["the caller's own work on a task: what becomes of it is an act of its own"] =
        [
            "AnswerService.GuidelinesAsync",
            "AnswerService.HistoryAsync",
            "AnswerService.KeepDraftAsync",
            "AnswerService.LeaveAsync",
            "AnswerService.Sit",
            "AnswerService.StatisticsAsync",
        ],
        ["notes that people wrote to a task's lead"] = ["TaskOverviews.NotesAsync"],
    };

    /// <summary>By method: "Service.Method".</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } =
        s_byReason
            .SelectMany(group => group.Value.Select(method => (method, group.Key)))
            .ToDictionary(pair => pair.method, pair => pair.Key, StringComparer.Ordinal);
}
