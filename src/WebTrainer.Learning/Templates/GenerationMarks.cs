using System.Text.RegularExpressions;
using WebTrainer.Learning.Batching;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// The stretches that a chat template puts between <c>{% generation %}</c> and <c>{% endgeneration %}</c>. The renderer knows these tags
/// and writes nothing for them; here they write private characters, which are looked for in the text and taken out again.
/// </summary>
internal static partial class GenerationMarks
{
    private const char Begin = '\uE0F2',
        End = '\uE0F3';

    /// <summary>What no words may hold.</summary>
    public static string Signs { get; } = $"{Begin}{End}";

    public static bool AreIn(string template) => Tag().IsMatch(template);

    /// <summary>
    /// The same template with characters at its marks. An empty statement stands to both sides, so that white space goes as it goes beside
    /// the tag.
    /// </summary>
    public static string Write(string template) =>
        Tag()
            .Replace(
                template,
                tag =>
                    $"{{%{tag.Groups["left"].Value} set generation_mark = 0 %}}{{{{ '{(tag.Groups["end"].Length > 0 ? End : Begin)}' }}}}{{% set generation_mark = 0 {tag.Groups["right"].Value}%}}"
            );

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

    [GeneratedRegex(
        @"\{%(?<left>-?)\s*(?<end>end)?generation\s*(?<right>-?)%\}",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking
    )]
    private static partial Regex Tag();
}
