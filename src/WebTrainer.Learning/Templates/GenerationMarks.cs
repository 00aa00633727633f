using System.Text.RegularExpressions;
using WebTrainer.Learning.Batching;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// The stretches that a chat template puts between <c>{% generation %}</c> and <c>{% endgeneration %}</c>. The renderer
/// writes private characters around them, which are looked for in the text and taken out again.
/// </summary>
internal static partial class GenerationMarks
{
    private const char Begin = '\uE0F2',
        End = '\uE0F3';

    /// <summary>What no words may hold.</summary>
    public static string Signs { get; } = $"{Begin}{End}";

    /// <summary>What is written around what the model writes.</summary>
    public static (string Begin, string End) Texts { get; } = (Begin.ToString(), End.ToString());

    public static bool AreIn(string template) => Tag().IsMatch(template);

    /// <summary>Cuts pieces at the characters and takes them out.</summary>
    /// <exception cref="DataException">They don't come in pairs.</exception>
    public static List<TextPiece> Read(IEnumerable<TextPiece> pieces)
    {
        var (cut, inside) = (new List<TextPiece>(), false);
        foreach (var piece in pieces)
        {
            var from = 0;
            for (var at = 0; at < piece.Text.Length; at++)
            {
                if (piece.Text[at] is not (Begin or End))
                {
                    continue;
                }

                if (inside != (piece.Text[at] == End))
                {
                    throw new DataException("The chat template's {% generation %} marks don't come in pairs.");
                }

                Add(piece.Text[from..at], piece.IsTemplate);
                (inside, from) = (!inside, at + 1);
            }

            Add(piece.Text[from..], piece.IsTemplate);
        }

        return cut;

        void Add(string text, bool isTemplate)
        {
            if (text.Length > 0)
            {
                cut.Add(new(text, isTemplate, inside));
            }
        }
    }

    [GeneratedRegex(@"\{%[-+]?\s*generation\s*[-+]?%\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Tag();
}
