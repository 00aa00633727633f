using WebTrainer.Domain.Datasets;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Datasets.Advice;

/// <summary>What to do with a version, by rules on what it is.</summary>
public static class VersionAdvice
{
    /// <param name="address">Of a page in the project.</param>
    public static IReadOnlyList<NextStep> Of(VersionView version, Func<string, string> address) =>
        version switch
        {
            { PublishedAt: not null, Leaks.Rows: > 0, LeakReason: null } =>
            [
                new(
                    "A lead answers for the leaks, or the version before is split again without them",
                    "Until then no run may use it: results would look better than they are."
                ),
            ],
            { PublishedAt: not null } =>
            [
                new(
                    "Ask for a run on it",
                    "It is published, so what a run learns from it can be shown for ever.",
                    address($"runs/new?data={version.Id}")
                ),
            ],
            { CanBePublished: true } =>
            [
                new(
                    "Look through it, then publish it",
                    "It is split into train, validation and test; only a published version can be learned from."
                ),
            ],
            { Kind: VersionKind.Imported } =>
            [
                new(
                    "Clean it",
                    "Duplicates, personal data and secrets are usual in data that was just brought in; each step is tried before it is applied.",
                    address($"data/{version.DatasetId}/v/{version.Number}/clean")
                ),
                new("Split it", "Rows to learn from, to watch by and to judge by must not be the same."),
            ],
            _ => [new("Split it", "Rows to learn from, to watch by and to judge by must not be the same.")],
        };
}
