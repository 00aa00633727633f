namespace WebTrainer.Domain.Policies;

/// <summary>What is about to be done.</summary>
public enum PolicyAct
{
    /// <summary>A file becomes a dataset.</summary>
    Import,

    /// <summary>A version is frozen for runs.</summary>
    Publish,

    /// <summary>A run or a search is handed in, or approved.</summary>
    Run,

    /// <summary>A version of an endpoint is approved, tried or promoted.</summary>
    Deploy,

    /// <summary>Rows leave the portal.</summary>
    ExportData,

    /// <summary>What a run has made leaves the portal.</summary>
    ExportModel,
}

/// <summary>A file that rows came from.</summary>
/// <param name="License">As it was noted; empty where nobody has.</param>
public sealed record PolicySource(string File, string License, DateTimeOffset ReceivedAt);

/// <summary>How far people agreed on a question whose answers made labels.</summary>
/// <param name="Alpha">Krippendorff's α; null where it is undefined.</param>
public sealed record PolicyAgreement(string Question, double? Alpha);

/// <summary>What runs tell of a version's rows.</summary>
/// <param name="Asked">ε that what is about to be done adds; null where nothing bounds it.</param>
/// <param name="Told">ε that other runs on the version have spent, or may yet spend.</param>
/// <param name="Unbounded">Numbers of runs that learned from it without a budget.</param>
public sealed record PolicyPrivacy(double? Asked, double Told, IReadOnlyList<int> Unbounded);

/// <summary>What is known of the data that something is done with.</summary>
/// <param name="Name">As people call it: "tickets v2".</param>
/// <param name="PersonalRows">Rows in which the program found personal data; null where it has not looked.</param>
/// <param name="LeakRows">Rows that stand among those that judge them; null where nobody looked.</param>
/// <param name="LeaksAnswered">A lead has written why it is used all the same.</param>
/// <param name="Agreement">Of each question that people answered; none where the labels came with the files.</param>
/// <param name="Privacy">Null where nothing learns.</param>
public sealed record PolicyFacts(
    string Name,
    IReadOnlyList<PolicySource> Sources,
    long? PersonalRows,
    long? LeakRows,
    bool LeaksAnswered,
    IReadOnlyList<PolicyAgreement> Agreement,
    PolicyPrivacy? Privacy = null
);
