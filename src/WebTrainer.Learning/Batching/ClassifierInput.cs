using WebTrainer.Protocol;

namespace WebTrainer.Learning.Batching;

/// <summary>
/// Which part of a conversation an encoder reads. What every row begins with, such as an instruction, tells nothing of one row; it takes
/// room and time, and is left out, at training and ever after.
/// </summary>
/// <param name="Opening">Left out where a text begins with it.</param>
/// <param name="ReadsSystem">System texts differ from row to row and are read.</param>
public sealed record ClassifierInput(string Opening, bool ReadsSystem)
{
    private const string Paragraph = "\n\n";

    /// <summary>Leaves nothing out: no opening, and system texts are read.</summary>
    public static ClassifierInput Everything { get; } = new("", ReadsSystem: true);

    /// <summary>Looks what all rows have in common.</summary>
    public static ClassifierInput Of(IReadOnlyList<DatasetRow> rows)
    {
        var systems = rows.Select(row => string.Join(Paragraph, row.Messages.Where(IsSystem).Select(message => message.Content)))
            .Distinct(StringComparer.Ordinal)
            .Take(2)
            .Count();
        var whole = new ClassifierInput("", ReadsSystem: systems > 1);
        var opening = rows.Select(row => whole.TextOf(row.Messages.SkipLast(1))).Aggregate((string?)null, Common) ?? "";
        var end = rows.Count > 1 ? opening.LastIndexOf(Paragraph, StringComparison.Ordinal) : -1;
        return whole with { Opening = end < 0 ? "" : opening[..(end + Paragraph.Length)] };
    }

    /// <param name="messages">All that stands before the answer.</param>
    public string TextOf(IEnumerable<ChatMessage> messages)
    {
        var text = string.Join(Paragraph, messages.Where(message => ReadsSystem || !IsSystem(message)).Select(message => message.Content));
        return Opening.Length > 0 && text.StartsWith(Opening, StringComparison.Ordinal) ? text[Opening.Length..] : text;
    }

    private static bool IsSystem(ChatMessage message) => message.Role == "system";

    private static string Common(string? opening, string text)
    {
        if (opening is null)
        {
            return text;
        }

        var length = opening.AsSpan().CommonPrefixLength(text);
        return opening[..length];
    }
}
