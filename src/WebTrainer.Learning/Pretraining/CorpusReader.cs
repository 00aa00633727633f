using System.Text;
using System.Text.Json;

namespace WebTrainer.Learning.Pretraining;

/// <summary>Reads a folder of sources: <c>*.txt</c> are books, <c>*.jsonl</c> are questions with answers.</summary>
public static class CorpusReader
{
    private const int HeldOutBytes = 200_000,
        PassageCharacters = 4_000,
        BooksPerPassage = 3;

    /// <param name="books">Folders with text files; every third text of the first folder gives a passage to the held-out text.</param>
    /// <param name="conversations">JSONL files with <c>question</c>/<c>answer</c> or <c>instruction</c>/<c>instances</c>.</param>
    /// <param name="repeats">How often the conversations are seen in one pass.</param>
    public static Corpus Read(IReadOnlyList<string> books, IReadOnlyList<string> conversations, int repeats)
    {
        var heldOut = new StringBuilder();
        var documents = new List<CorpusDocument>();
        var files = books.SelectMany(folder => Directory.EnumerateFiles(folder, "*.txt").Order(StringComparer.Ordinal)).ToList();
        for (var index = 0; index < files.Count; index++)
        {
            var text = Plain(File.ReadAllText(files[index]));
            if (index % BooksPerPassage == 0)
            {
                text = HoldOut(text, heldOut);
            }

            documents.Add(new Book(text));
        }

        var talks = conversations.SelectMany(ReadConversations).ToList();
        documents.AddRange(Enumerable.Repeat(talks, repeats).SelectMany(list => list));
        return new(documents, heldOut.ToString());
    }

    /// <summary>
    /// Typographic quotes as on keyboards, because that is what people type into prompts; one empty line between paragraphs.
    /// </summary>
    private static string Plain(string text) =>
        text.Replace("\r", "", StringComparison.Ordinal)
            .Replace('’', '\'')
            .Replace('‘', '\'')
            .Replace('“', '"')
            .Replace('”', '"')
            .Replace('\u00A0', ' ')
            .Replace("\u2060", "", StringComparison.Ordinal);

    /// <summary>Moves a passage from the middle of the text to the held-out text.</summary>
    private static string HoldOut(string text, StringBuilder heldOut)
    {
        var begin = text.IndexOf('\n', text.Length / 2) + 1;
        var end = text.IndexOf('\n', Math.Min(text.Length - 1, begin + PassageCharacters)) + 1;
        if (begin == 0 || end <= begin || Encoding.UTF8.GetByteCount(heldOut.ToString()) + ((end - begin) * 2) > HeldOutBytes)
        {
            return text;
        }

        heldOut.Append(text[begin..end].Trim()).Append("\n\n");
        return text.Remove(begin, end - begin);
    }

    private static IEnumerable<CorpusConversation> ReadConversations(string path)
    {
        foreach (var line in File.ReadLines(path).Where(line => line.Length > 0))
        {
            using var row = JsonDocument.Parse(line);
            yield return row.RootElement.TryGetProperty("question", out var question)
                ? new(Plain(question.GetString()!), Plain(row.RootElement.GetProperty("answer").GetString()!))
                : ReadInstruction(row.RootElement);
        }
    }

    private static CorpusConversation ReadInstruction(JsonElement row)
    {
        var instance = row.GetProperty("instances")[0];
        var question = $"{row.GetProperty("instruction").GetString()}\n\n{instance.GetProperty("input").GetString()}".Trim();
        return new(Plain(question), Plain(instance.GetProperty("output").GetString()!));
    }
}
