using System.Text.Json.Nodes;

namespace WebTrainer.Learning.Tests;

/// <summary>A <c>tokenizer.json</c> of SentencePiece's kind, its pieces learned from a few of the prompts.</summary>
internal static class SmallPieces
{
    private const int Merges = 300,
        Learned = 12;

    /// <param name="folder">Gets <c>tokenizer.json</c> and <c>tokenizer_config.json</c>.</param>
    /// <param name="steps">Normaliser and pre-tokenizer, as an object.</param>
    /// <returns>Tokens.</returns>
    public static int Write(string folder, string steps)
    {
        var texts = GgufPrompts
            .Texts.Take(Learned)
            .SelectMany(text => new[] { text, text.ToUpperInvariant(), text })
            .Select(text => ("\u2581" + text.Replace(' ', '\u2581')).EnumerateRunes().Select(rune => rune.ToString()).ToList())
            .ToList();
        List<string> pieces = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")];
        pieces.AddRange(texts.SelectMany(text => text).Distinct().Order(StringComparer.Ordinal));
        var made = Learn(texts);
        var known = pieces.Concat(made).ToHashSet();
        // As converters of SentencePiece's models write them: of each piece all ways to make it of two.
        var merges = made.SelectMany(piece =>
            Enumerable
                .Range(1, piece.Length - 1)
                .Where(at => known.Contains(piece[..at]) && known.Contains(piece[at..]))
                .Select(at => $"{piece[..at]} {piece[at..]}")
        );
        pieces.AddRange(made);
        var root = JsonNode.Parse(steps)!.AsObject();
        root["added_tokens"] = new JsonArray([.. pieces.Take(3).Select((text, id) => Added(text, id))]);
        root["decoder"] = JsonNode.Parse(
            """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}]}"""
        );
        root["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["unk_token"] = "<unk>",
            ["fuse_unk"] = true,
            ["byte_fallback"] = true,
            ["vocab"] = new JsonObject(pieces.Select((text, id) => KeyValuePair.Create(text, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)merge)]),
        };
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), root.ToJsonString());
        File.WriteAllText(
            Path.Combine(folder, "tokenizer_config.json"),
            """{"tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":"</s>","unk_token":"<unk>","add_bos_token":true}"""
        );
        return pieces.Count;
    }

    private static JsonNode Added(string text, int id) =>
        new JsonObject
        {
            ["id"] = id,
            ["content"] = text,
            ["special"] = true,
            ["normalized"] = false,
        };

    /// <summary>The commonest pairs, one after the other; of equals the first by its letters.</summary>
    private static List<string> Learn(List<List<string>> texts)
    {
        List<string> made = [];
        while (made.Count < Merges)
        {
            var best = texts
                .SelectMany(text => text.Zip(text.Skip(1)))
                .CountBy(pair => pair)
                .Where(pair => pair.Value > 1)
                .OrderByDescending(pair => pair.Value)
                .ThenBy(pair => pair.Key.First + pair.Key.Second, StringComparer.Ordinal)
                .Select(pair => pair.Key)
                .FirstOrDefault();
            if (best.First is null)
            {
                break;
            }

            if (!made.Contains(best.First + best.Second))
            {
                made.Add(best.First + best.Second);
            }

            texts.ForEach(text => Join(text, best));
        }

        return made;
    }

    private static void Join(List<string> text, (string First, string Second) pair)
    {
        for (var i = 0; i + 1 < text.Count; i++)
        {
            if ((text[i], text[i + 1]) == pair)
            {
                text[i] += text[i + 1];
                text.RemoveAt(i + 1);
            }
        }
    }
}
