using System.Text;

namespace WebTrainer.EndToEnd.Support;

/// <summary>A small cut of Banking77 where it is beside the repository, else rows of the same shape of our own.</summary>
public static class SmallData
{
    private const int Labels = 6;
    private const int RowsPerLabel = 30;

    /// <summary>A CSV with the columns <c>text,category</c>.</summary>
    public static string Csv()
    {
        var rows = PortalProcess.SharedData is { } shared ? Cut(Path.Combine(shared, "banking77/train.csv")) : Own();
        return "text,category\n"
            + string.Join('\n', rows.Select(r => $"\"{r.Text.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{r.Label}"))
            + "\n";
    }

    /// <summary>Question and answer rows: another shape.</summary>
    public static string Jsonl()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 40; i++)
        {
            text.Append(System.Text.Json.JsonSerializer.Serialize(new { question = $"What is {i} plus one?", answer = $"It is {i + 1}." }))
                .Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<(string Text, string Label)> Cut(string path) =>
        File.ReadLines(path)
            .Skip(1)
            .Where(line => line.Count(c => c == ',') == 1 && !line.Contains('"'))
            .Select(line => line.Split(','))
            .Select(parts => (Text: parts[0], Label: parts[1]))
            .GroupBy(row => row.Label)
            .Take(Labels)
            .SelectMany(group => group.Take(RowsPerLabel));

    private static IEnumerable<(string Text, string Label)> Own()
    {
        (string Label, string Words)[] intents =
        [
            ("card_arrival", "card has not arrived"),
            ("exchange_rate", "rate for my euros"),
            ("lost_phone", "phone was stolen"),
            ("pin_blocked", "PIN is blocked"),
            ("refund", "money back for a purchase"),
            ("top_up", "top up with my bank"),
        ];
        string[] starts = ["Hello, my", "Why is it that my", "Please help, the", "I asked twice, the", "Still the", "What about the"];
        return from intent in intents
            from start in starts
            from n in Enumerable.Range(1, RowsPerLabel / starts.Length)
            select ($"{start} {intent.Words} since {n} days", intent.Label);
    }
}
