using System.Text.Json;

namespace WebTrainer.Pipeline;

/// <summary>What a classifier learns from beside text and label, as columns of a row (<see cref="CanonicalRow.Extra"/>).</summary>
public static class ClassifierColumns
{
    /// <summary>How probable each label is, by votes of people or labelling functions: a JSON object of label and share.</summary>
    public const string LabelShares = "label_shares";

    /// <summary>The second text where rows are pairs; the prompt ends with it too, for models that read one text.</summary>
    public const string TextPair = "text_pair";

    /// <returns>The column's value.</returns>
    public static string Write(IEnumerable<KeyValuePair<string, double>> shares) =>
        JsonSerializer.Serialize(
            shares.Where(share => share.Value > 0).ToDictionary(share => share.Key, share => Math.Round(share.Value, 6))
        );

    /// <returns>Null where the row has none.</returns>
    /// <exception cref="DataProblemException">The column holds no object of labels and numbers.</exception>
    public static IReadOnlyDictionary<string, double>? SharesOf(CanonicalRow row)
    {
        if (!row.Extra.TryGetValue(LabelShares, out var text) || text.Length == 0)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, double>>(text);
        }
        catch (JsonException ex)
        {
            throw new DataProblemException(
                $"Row {row.Id}: the column '{LabelShares}' must hold an object of labels and probabilities, such as {{\"refund\": 0.7, \"delivery\": 0.3}}.",
                cause: ex
            );
        }
    }
}
