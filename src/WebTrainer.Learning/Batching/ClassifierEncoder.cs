using System.Globalization;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Batching;

/// <summary>Puts a row's text and label into what an encoder reads: tokens between its marks, and a target.</summary>
/// <param name="tokenizer">The encoder's.</param>
/// <param name="classifier">Kind of the answers, separator of several labels, and whether rows' probabilities are learned.</param>
/// <param name="input">Which part of a conversation is the text.</param>
/// <param name="labels">In the order of the head's scores; empty for numbers.</param>
/// <param name="maximumTokens">Tokens that are read of a text, its marks among them; the right end of longer ones is left out.</param>
public sealed class ClassifierEncoder(
    TextTokenizer tokenizer,
    ClassifierSpec classifier,
    ClassifierInput input,
    IReadOnlyList<string> labels,
    int maximumTokens
)
{
    private readonly Dictionary<string, int> _places = labels
        .Select((label, place) => (label, place))
        .ToDictionary(entry => entry.label, entry => entry.place, StringComparer.Ordinal);

    /// <summary>The encoder's, which brings the marks <c>[CLS]</c> and <c>[SEP]</c> that stand around a text.</summary>
    public TextTokenizer Tokenizer => tokenizer;

    /// <summary>Which messages before the answer are the text that is read.</summary>
    public ClassifierInput Input => input;

    /// <summary>In the order of the head's scores; empty where the answer is a number.</summary>
    public IReadOnlyList<string> Labels => labels;

    /// <summary>Tokens that are read of a text, its marks among them; longer ones lose their end.</summary>
    public int MaximumTokens => maximumTokens;

    /// <summary>
    /// The text before a row's last message as tokens between the encoder's marks, with what its last message says as the target.
    /// </summary>
    /// <exception cref="DataException">Its label is not one of the set, or is no number.</exception>
    public TokenRow Encode(DatasetRow row) => Encode(row.Id, FirstOf(row), row.Pair) with { Target = TargetOf(row) };

    /// <summary>What stands before the second text, where there is one.</summary>
    private string FirstOf(DatasetRow row)
    {
        var text = input.TextOf(row.Messages.SkipLast(1));
        return row.Pair is { } pair && text.EndsWith("\n\n" + pair, StringComparison.Ordinal) ? text[..^(pair.Length + 2)] : text;
    }

    /// <summary>
    /// A text, or a pair of them, between the encoder's marks; what is beyond the maximum is cut off and noted as truncated.
    /// </summary>
    public TokenRow Encode(string id, string text, string? pair = null)
    {
        var encoded = tokenizer.Encode(text, pair, maximumTokens);
        return new TokenRow(id, encoded.Ids, encoded.Ids.Length, encoded.Truncated) { Types = pair is null ? null : encoded.Types };
    }

    /// <exception cref="DataException">Its label is not one of the set, or is no number.</exception>
    public RowTarget TargetOf(DatasetRow row) =>
        classifier.Kind switch
        {
            ClassificationKind.Number => RowTarget.OfNumber(NumberOf(row)),
            _ when classifier.SoftLabels && row.Shares is { Count: > 0 } shares => SharesOf(row, shares),
            ClassificationKind.SeveralLabels => SeveralOf(row),
            _ => RowTarget.Of(PlaceOf(row, row.Messages[^1].Content.Trim())),
        };

    /// <summary>The labels of a text that has several, each once, in the order in which they stand there.</summary>
    public static IEnumerable<string> Split(string text, string separator) =>
        text.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal);

    private RowTarget SeveralOf(DatasetRow row)
    {
        int[] places = [.. Split(row.Messages[^1].Content, classifier.Separator).Select(label => PlaceOf(row, label))];
        return new(places, [.. places.Select(_ => 1f)]);
    }

    /// <summary>Probabilities of one label are brought to a sum of 1; those of several stand each by itself.</summary>
    private RowTarget SharesOf(DatasetRow row, IReadOnlyDictionary<string, double> shares)
    {
        if (shares.Values.Any(share => share is not (>= 0 and <= 1)) || shares.Values.Sum() is var sum && sum <= 0)
        {
            throw new DataException($"Row {row.Id} has probabilities of its labels that lie outside of 0 to 1, or none above 0.");
        }

        var divisor = classifier.Kind == ClassificationKind.OneLabel ? sum : 1;
        var kept = shares.Where(share => share.Value > 0).ToList();
        return new([.. kept.Select(share => PlaceOf(row, share.Key))], [.. kept.Select(share => (float)(share.Value / divisor))]);
    }

    private int PlaceOf(DatasetRow row, string label) =>
        _places.TryGetValue(label, out var place)
            ? place
            : throw new DataException(
                $"Row {row.Id} has the label '{label}', which is none of the {labels.Count} that the dataset was published with."
            );

    private static float NumberOf(DatasetRow row) =>
        float.TryParse(row.Messages[^1].Content.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && float.IsFinite(value)
            ? value
            : throw new DataException(
                $"Row {row.Id} has the answer '{Shortened(row.Messages[^1].Content)}', which is no number. Learn labels instead, or mend the row."
            );

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
