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

    /// <summary>Lines of JSONL with about 500 bytes of text each; one in ten holds an address, a number or an account.</summary>
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
        for (var i = 0; i < count; i++) AppendWord(text.Append(i == 0 ? "" : " "), random.Next(Vocabulary));
        return text.ToString();
    }

    /// <summary>Four letters or so, and no digit: real words have none, and finders look for them first.</summary>
    private static void AppendWord(StringBuilder text, int number)
    {
        for (var rest = number + 26; rest > 0; rest /= 26) text.Append((char)('a' + (rest % 26)));
        if (number % 3 == 0) text.Append("tion");
    }

    private static string NearCopy(string document, Random random)
    {
        var words = document.Split(' ');
        words[random.Next(words.Length)] = "changed";
        return string.Join(' ', words);
    }
}
