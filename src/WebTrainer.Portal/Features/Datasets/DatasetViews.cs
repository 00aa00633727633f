using System.Text.Json;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Datasets;

public sealed record DatasetView(Guid Id, string Name, DateTimeOffset CreatedAt, IReadOnlyList<VersionSummary> Versions);

/// <param name="CreatedBy">The person's name, not their id; so are all of these records.</param>
public sealed record VersionSummary(
    Guid Id,
    int Number,
    VersionKind Kind,
    long Rows,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PublishedAt
);

/// <summary>A version by its name, for links.</summary>
public sealed record VersionRef(Guid Id, Guid DatasetId, string DatasetName, int Number, VersionKind Kind);

/// <param name="SourceFile">Name of the uploaded file; null for versions made of other versions.</param>
/// <param name="Recipe">How it was made: <see cref="ImportRecipe"/>, <see cref="SplitRecipe"/>,
/// <see cref="Pipeline.Cleaning.CleanRecipe"/>, or what labeling wrote.</param>
/// <param name="Report">What was found: <see cref="ImportSummary"/>, <see cref="SplitSummary"/>, <see cref="CleanSummary"/>, or what
/// labeling wrote.</param>
public sealed record VersionView(
    Guid Id,
    Guid DatasetId,
    string DatasetName,
    int Number,
    VersionKind Kind,
    long Rows,
    long Bytes,
    string Sha256,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? PublishedAt,
    string? PublishedBy,
    string? SourceFile,
    IReadOnlyList<VersionRef> Parents,
    JsonElement Recipe,
    JsonElement Report
)
{
    /// <summary>What leaks; null where nobody has looked, as before publishing.</summary>
    public LeakReport? Leaks { get; init; }

    /// <summary>Why runs may use it although rows leak.</summary>
    public string? LeakReason { get; init; }
    public string? LeakReasonBy { get; init; }

    /// <summary>The last audit of labels by groups.</summary>
    public BiasReport? Bias { get; init; }

    /// <summary>Whether rows are dealt into train, validation and test.</summary>
    public bool HasSplits =>
        Kind is VersionKind.Split or VersionKind.Joined or VersionKind.Made
        || Kind == VersionKind.Cleaned && RecipeJson.Read<CleanSummary>(Report)!.HasSplits;

    /// <summary>Whether it can be published: rows as imported can't before they are split.</summary>
    public bool CanBePublished => HasSplits || Kind == VersionKind.Labeled;
}

public sealed record RunRef(Guid Id, int Number, string Name);

/// <summary>What a version was made of, and what was made of it.</summary>
public sealed record Lineage(IReadOnlyList<VersionRef> Parents, IReadOnlyList<VersionRef> Children, IReadOnlyList<RunRef> Runs);

/// <summary>A file, version or run in the graph of lineage.</summary>
/// <param name="Address">Of its page, relative to the server.</param>
public sealed record LineageNode(string Id, string Name, string What, string Address);

/// <summary>All that a version came from and all that came of it.</summary>
/// <param name="Here">Id of the version itself.</param>
public sealed record LineageGraphView(string Here, IReadOnlyList<LineageNode> Nodes, IReadOnlyList<(string From, string To)> Edges);

/// <param name="SourceFile">The uploaded file in which <see cref="CanonicalRow.Line"/> counts; null where the row has none.</param>
/// <param name="Place">Where in a document it stands; null where the row is no piece of one.</param>
public sealed record RowView(CanonicalRow Row, string? SourceFile, DocumentChunk? Place = null);

/// <summary>A version that runs can use, with the files their workers read.</summary>
public sealed record PublishedDataset(
    Guid VersionId,
    Guid DatasetId,
    string Name,
    int Number,
    DateTimeOffset PublishedAt,
    DatasetFiles Files
)
{
    /// <summary>Rows leak, and no lead has answered for them: no run may use it.</summary>
    public bool LeaksUnanswered { get; init; }
}
