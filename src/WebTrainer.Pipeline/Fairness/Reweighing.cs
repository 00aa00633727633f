namespace WebTrainer.Pipeline.Fairness;

/// <summary>
/// Weights under which group and label are independent (Kamiran and Calders, Knowledge and Information Systems 33, 2012).
/// </summary>
internal static class Reweighing
{
    /// <returns>For each group and label, P(group) · P(label) / P(group, label); none for pairs that no case has.</returns>
    public static IReadOnlyDictionary<(TGroup Group, TLabel Label), double> Weights<TGroup, TLabel>(
        IEnumerable<(TGroup Group, TLabel Label, double Weight)> cases
    )
        where TGroup : notnull
        where TLabel : notnull
    {
        var groups = new Dictionary<TGroup, double>();
        var labels = new Dictionary<TLabel, double>();
        var pairs = new Dictionary<(TGroup, TLabel), double>();
        double all = 0;
        foreach (var (group, label, weight) in cases)
        {
            groups[group] = groups.GetValueOrDefault(group) + weight;
            labels[label] = labels.GetValueOrDefault(label) + weight;
            pairs[(group, label)] = pairs.GetValueOrDefault((group, label)) + weight;
            all += weight;
        }

        return pairs.ToDictionary(p => p.Key, p => groups[p.Key.Item1] * labels[p.Key.Item2] / (all * p.Value));
    }
}
