using WebTrainer.Pipeline;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>The texts of a row that people judge.</summary>
public sealed record ItemContent(string? System, string Prompt, string? Response)
{
    public static ItemContent Of(CanonicalRow row) => new(row.System, row.Prompt, row.Response);
}
