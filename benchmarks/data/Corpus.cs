using System.Text;

namespace WebTrainer.Benchmarks.Data;

/// <summary>Made-up texts, the same at each run: short documents of which a fifth are near copies, and rows with personal data.</summary>
internal static class Corpus
{
    private const int Vocabulary = 20_000;

    /// <summary>Documents of 30 to 69 words; every fifth is an earlier one with one word changed.</summary>
    public static string[] Documents(int count)
    {
        var random = new Random(1);
        var documents = new string[count];
        for (var i = 0; i < count; i++)
        {
            documents[i] = i > 0 && i % 5 == 0 ? NearCopy(documents[random.Next(i)], random) : Words(random.Next(30, 70), random);
        }

        return documents;
    }

    /// <summary>Documents of 30 to 69 words, and after them a copy of every second one with so many words changed, in turn.</summary>
    /// <returns>The texts, and for each the position of the one it was copied from; −1 for originals.</returns>
    public static (string[] Texts, int[] CopyOf) Planted(int originals, int[] edits)
    {
        var random = new Random(3);
        var texts = new List<string>();
        var copyOf = new List<int>();
        for (var i = 0; i < originals; i++)
        {
            texts.Add(Words(random.Next(30, 70), random));
            copyOf.Add(-1);
        }

        for (var i = 0; i < originals / 2; i++)
        {
            var copy = texts[i * 2];
            for (var edit = 0; edit < edits[i % edits.Length]; edit++)
            {
                copy = NearCopy(copy, random);
            }

            texts.Add(copy);
            copyOf.Add(i * 2);
        }

        return ([.. texts], [.. copyOf]);
    }

    /// <summary>Lines of JSONL with about 500 bytes of text each; one in ten holds an address, a number or an account.</summary>
    /// <summary>Rows of twenty words; the n-th commonest of 50,000 words stands in them 1/n as often as the commonest.</summary>
    public static IEnumerable<WebTrainer.Pipeline.CanonicalRow> ZipfRows(int rows)
    {
        const int Words = 50_000;
        var random = new Random(3);
        for (var i = 0; i < rows; i++)
        {
            var words = Enumerable.Range(0, 20).Select(_ => $"w{(int)Math.Pow(Words, random.NextDouble())}");
            yield return WebTrainer.Pipeline.CanonicalRow.Create($"{i:x16}", i + 1, system: null, string.Join(' ', words), "yes");
        }
    }

    public static void WriteRows(string path, int rows)
    {
        var random = new Random(2);
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(false));
        for (var i = 0; i < rows; i++)
        {
            var personal = (i % 40) switch
            {
                0 => $" Write to user{i}@example.org.",
                10 => " Pay to DE89 3704 0044 0532 0130 00.",
                20 => " Call +49 30 901820.",
                30 => $" From 192.168.{i % 250}.{i % 200}.",
                _ => "",
            };
            writer.WriteLine($$"""{"prompt":"{{Words(45, random)}}{{personal}}","completion":"{{Words(12, random)}}"}""");
        }
    }

    private static string Words(int count, Random random)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            AppendWord(text.Append(i == 0 ? "" : " "), random.Next(Vocabulary));
        }

        return text.ToString();
    }

    /// <summary>Four letters or so, and no digit: real words have none, and finders look for them first.</summary>
    private static void AppendWord(StringBuilder text, int number)
    {
        for (var rest = number + 26; rest > 0; rest /= 26)
        {
            text.Append((char)('a' + (rest % 26)));
        }

        if (number % 3 == 0)
        {
            text.Append("tion");
        }
    }

    private static string NearCopy(string document, Random random)
    {
        var words = document.Split(' ');
        words[random.Next(words.Length)] = "changed";
        return string.Join(' ', words);
    }
}
