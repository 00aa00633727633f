using System.Text.RegularExpressions;

namespace WebTrainer.Scoring.Baselines;

/// <summary>Answers with the answer of the training row whose prompt is most alike: cosine of TF-IDF of words.</summary>
public sealed partial class NearestAnswerBaseline : IBaseline
{
    /// <inheritdoc/>
    public string Name => "nearest training answer";

    /// <summary>
    /// For each prompt the answer of the row of highest cosine, the first of equal ones; of the first row where no word is in common.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled, which is looked at before each prompt.</exception>
    public IReadOnlyList<string> Answer(
        IReadOnlyList<BaselineRow> train,
        IReadOnlyList<string> prompts,
        CancellationToken cancellationToken
    )
    {
        var words = train.Select(row => Words(row.Prompt)).ToList();
        var documents = words.SelectMany(counts => counts.Keys).CountBy(word => word).ToDictionary();
        double Weight(string word, int count) =>
            (1 + Math.Log(count)) * Math.Log((1.0 + train.Count) / (1 + documents.GetValueOrDefault(word)));
        var index = new Dictionary<string, List<(int Row, double Weight)>>(StringComparer.Ordinal);
        for (var row = 0; row < words.Count; row++)
        {
            var weights = words[row].Select(word => (word.Key, Weight: Weight(word.Key, word.Value))).ToList();
            var length = Math.Sqrt(weights.Sum(word => word.Weight * word.Weight));
            foreach (var (word, weight) in weights.Where(_ => length > 0))
            {
                if (!index.TryGetValue(word, out var rows))
                {
                    index[word] = rows = [];
                }

                rows.Add((row, weight / length));
            }
        }

        return [.. prompts.Select(prompt => train[Nearest(prompt)].Answer)];

        int Nearest(string prompt)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var likeness = new double[train.Count];
            foreach (var (word, count) in Words(prompt))
            {
                foreach (var (row, weight) in index.GetValueOrDefault(word, []))
                {
                    likeness[row] += weight * Weight(word, count);
                }
            }

            return Array.IndexOf(likeness, likeness.Max());
        }
    }

    private static Dictionary<string, int> Words(string text) =>
        Word().Matches(text.ToLowerInvariant()).CountBy(match => match.Value).ToDictionary();

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Word();
}
