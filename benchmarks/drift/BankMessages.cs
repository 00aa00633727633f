using System.Text;
using WebTrainer.Statistics;

namespace WebTrainer.Benchmarks.Drift;

/// <summary>A message of a bank's customer and its intent.</summary>
internal sealed record BankMessage(string Text, string Intent);

/// <summary>The training file of banking77 in an order that a seed decides, cut into what a model learns from and what comes
/// later.</summary>
internal sealed class BankMessages
{
    /// <summary>Messages before the cut.</summary>
    private const int Learned = 5_000;

    private BankMessages(IReadOnlyList<BankMessage> snapshot, IReadOnlyList<BankMessage> later) => (Snapshot, Later) = (snapshot, later);

    public IReadOnlyList<BankMessage> Snapshot { get; }
    public IReadOnlyList<BankMessage> Later { get; }

    /// <param name="csv">Two columns, text and intent, with a header; quoted where a text holds commas or line breaks.</param>
    public static IReadOnlyList<BankMessage> Read(string csv) => [.. Records(File.ReadAllText(csv)).Skip(1)];

    /// <param name="removed">Intents of which the snapshot has no message; they come later all the same.</param>
    public static BankMessages Cut(IReadOnlyList<BankMessage> all, int removed, long seed)
    {
        BankMessage[] shuffled = [.. SplitMix.Of(seed, 1).Permutation(all.Count).Select(i => all[i])];
        string[] intents = [.. all.Select(message => message.Intent).Distinct().Order(StringComparer.Ordinal)];
        var without = SplitMix.Of(seed, 2).Permutation(intents.Length).Take(removed).Select(i => intents[i]).ToHashSet();
        return new([.. shuffled.Take(Learned).Where(message => !without.Contains(message.Intent))], [.. shuffled.Skip(Learned)]);
    }

    /// <summary>Messages drawn from those that come later, none twice.</summary>
    public IReadOnlyList<BankMessage> Window(int rows, long seed) =>
        [.. SplitMix.Of(seed, 3).Permutation(Later.Count).Take(rows).Select(i => Later[i])];

    private static IEnumerable<BankMessage> Records(string csv)
    {
        var (fields, field, quoted) = (new List<string>(), new StringBuilder(), false);
        foreach (var c in csv.ReplaceLineEndings("\n"))
        {
            if (c == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && (c is ',' or '\n'))
            {
                fields.Add(field.ToString());
                field.Clear();
                if (c == '\n')
                {
                    yield return new(fields[0], fields[1]);
                    fields.Clear();
                }
            }
            else
            {
                field.Append(c);
            }
        }
    }
}
