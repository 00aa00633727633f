namespace WebTrainer.Labeling;

/// <summary>
/// How unsure a small model is of a text, to ask people first where their answer teaches most (uncertainty sampling, Lewis and Gale 1994):
/// multinomial naive Bayes on words with add-one smoothing, <c>P(y | words) ∝ P(y) Π P(word | y)</c>, damped by the length of the text,
/// since words are not independent.
/// </summary>
public sealed class TextUncertainty
{
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double[]> _words = new(StringComparer.Ordinal);
    private readonly double[] _rows;
    private readonly double[] _totals;

    /// <param name="known">Texts with their labels.</param>
    public TextUncertainty(IReadOnlyList<(string Text, string Label)> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        foreach (var (_, label) in known)
        {
            _labels.TryAdd(label, _labels.Count);
        }

        (_rows, _totals) = (new double[_labels.Count], new double[_labels.Count]);
        foreach (var (text, label) in known)
        {
            var y = _labels[label];
            _rows[y]++;
            foreach (var word in Words(text))
            {
                if (!_words.TryGetValue(word, out var counts))
                {
                    _words[word] = counts = new double[_labels.Count];
                }

                counts[y]++;
                _totals[y]++;
            }
        }
    }

    /// <returns>1 less the probability of the likeliest label: 0 is sure; 1 where nothing is known yet.</returns>
    public double Of(string text)
    {
        if (_labels.Count == 0)
        {
            return 1;
        }

        var words = Words(text).ToList();
        var logs = _rows.Select(rows => Math.Log((rows + 1) / (_rows.Sum() + _labels.Count))).ToArray();
        foreach (var word in words)
        {
            for (var y = 0; y < logs.Length; y++)
            {
                logs[y] +=
                    Math.Log(((_words.TryGetValue(word, out var counts) ? counts[y] : 0) + 1) / (_totals[y] + _words.Count + 1))
                    / Math.Sqrt(words.Count);
            }
        }

        var highest = logs.Max();
        return 1 - (1 / logs.Sum(log => Math.Exp(log - highest)));
    }

    private static IEnumerable<string> Words(string text) =>
        text.ToLowerInvariant()
            .Split((char[])[' ', '\n', '\t', ',', '.', '!', '?', ';', ':', '"', '(', ')'], StringSplitOptions.RemoveEmptyEntries)
            .Distinct();
}
