using System.Globalization;
using WebTrainer.Pipeline.Documentation;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>What whoever decides on a model should know of its rows.</summary>
/// <param name="PersonalRows">Rows with personal data; null where nobody looked.</param>
/// <param name="RepeatedPrompts">Rows beyond the first of each prompt.</param>
/// <param name="LeakRows">Rows that stand among those that judge them; null where nobody counted.</param>
/// <param name="LeakReason">Why they are used all the same, in a lead's words.</param>
/// <param name="Licences">Each once; what nobody has noted is "not stated".</param>
/// <param name="Agreement">Sentences on the people behind its labels; none where they came with the files.</param>
/// <param name="Bias">What the last audit of groups found, as a sentence; null where there was none.</param>
public sealed record DataEvidence(
    VersionName Version,
    long Rows,
    long? PersonalRows,
    long RepeatedPrompts,
    long? LeakRows,
    string? LeakReason,
    IReadOnlyList<string> Licences,
    IReadOnlyList<string> Agreement,
    string? Bias
)
{
    /// <summary>Below this ratio of shares the rule of four fifths is broken.</summary>
    private const double FourFifths = 0.8;

    public static DataEvidence Of(VersionName version, DatasetFacts facts) =>
        new(
            version,
            facts.Rows,
            facts.PersonalRows,
            facts.RepeatedPrompts,
            facts.Leaks?.Rows,
            facts.LeakReason,
            [.. facts.Sources.Select(s => s.License.Length == 0 ? "not stated" : s.License).Distinct()],
            [.. facts.Agreement.Select(a => $"“{a.Question}”: {a.Sentence}")],
            facts.Bias is { } bias ? SentenceOf(bias) : null
        );

    /// <summary>What each point says, in the order in which they are read.</summary>
    public IReadOnlyList<(string Point, string Words)> Points =>
        [
            ("Licences", Licences.Count == 0 ? "not stated" : string.Join(", ", Licences)),
            ("Personal data", Found(PersonalRows, "nobody has looked")),
            ("Repeated prompts", RepeatedPrompts == 0 ? "none" : Format.Count(RepeatedPrompts, "row")),
            ("Leaks", Found(LeakRows, "not counted") + (LeakRows > 0 && LeakReason is { } reason ? $", answered for: “{reason}”" : "")),
            ("Agreement", Agreement.Count == 0 ? "not known: the labels came with the files" : string.Join(" ", Agreement)),
            ("Groups", Bias ?? "nobody has held groups against each other"),
        ];

    private static string Found(long? rows, string unknown) =>
        rows switch
        {
            null => unknown,
            0 => "none found",
            { } found => Format.Count(found, "row"),
        };

    private static string SentenceOf(BiasReport bias) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"others than “{bias.Privileged}” get “{bias.Question.Favourable}” {bias.Labels.DisparateImpact:0.00} times as often by {bias.Question.Column} (95 %: {bias.ImpactInterval.Low:0.00} to {bias.ImpactInterval.High:0.00}){(bias.Labels.DisparateImpact < FourFifths ? "; below 0.8, which breaks the rule of four fifths" : "")}"
        );
}
