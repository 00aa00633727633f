using WebTrainer.Domain.Policies;
using WebTrainer.Pipeline.Documentation;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Compliance.Checklists;

/// <summary>What checklists judge: one run with the data that it learned from, and the endpoint that it answers at.</summary>
/// <param name="Data">Null where the run was brought in, or there is none.</param>
/// <param name="PersonalRows">Rows of the data with personal data; null where nobody looked.</param>
/// <param name="Run">As people call it; null where there is none.</param>
/// <param name="Spec">Its settings; null where nobody knows them.</param>
/// <param name="Report">Of its newest evaluation; null where it wasn't evaluated.</param>
/// <param name="Goals">Goals of the project.</param>
/// <param name="Purpose">What the endpoint is for; null where nothing is deployed, empty where nobody has said.</param>
/// <param name="ContentDays">Days that texts of requests are kept; null for none.</param>
/// <param name="Alerts">Alerts on the endpoint.</param>
public sealed record ChecklistFacts(
    ProjectPolicy Policy,
    DatasetFacts? Data,
    long? PersonalRows,
    string? Run,
    TrainSpec? Spec,
    EvaluationReport? Report,
    int Goals,
    string? Purpose,
    int? ContentDays,
    int Alerts
);
