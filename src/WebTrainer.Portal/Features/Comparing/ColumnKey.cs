namespace WebTrainer.Portal.Features.Comparing;

public enum ColumnKind
{
    Run,

    /// <summary>What an evaluation found of one of its models.</summary>
    Result,

    /// <summary>A base model.</summary>
    Base,
}

/// <summary>
/// One column of a comparison, as it stands in the address: <c>run:ID</c>, <c>result:EVALUATION:MODEL</c>, <c>base:NAME</c>.
/// </summary>
/// <param name="Id">Of the run or evaluation; empty for a base model.</param>
/// <param name="Model">Name in the evaluation, or of the base model.</param>
public sealed record ColumnKey(ColumnKind Kind, Guid Id, string Model = "")
{
    /// <summary>More would not be read side by side.</summary>
    public const int Most = 8;

    public static ColumnKey? Read(string text) =>
        text.Split(':', 3) switch
        {
            ["run", var id] when Guid.TryParse(id, out var run) => new(ColumnKind.Run, run),
            ["result", var id, { Length: > 0 } model] when Guid.TryParse(id, out var evaluation) => new(
                ColumnKind.Result,
                evaluation,
                model
            ),
            ["base", { Length: > 0 } model] => new(ColumnKind.Base, Guid.Empty, model),
            _ => null,
        };

    public string Write() =>
        Kind switch
        {
            ColumnKind.Run => $"run:{Id}",
            ColumnKind.Result => $"result:{Id}:{Model}",
            _ => $"base:{Model}",
        };
}
