using System.Text;

namespace WebTrainer.Tokenizing;

/// <summary>
/// How SentencePiece (arXiv:1808.06226) writes a text before it is cut: at each place the longest characters that its table knows are
/// replaced, spare spaces go where the model was trained so, and spaces become ▁.
/// </summary>
internal sealed class SentencePieceNormalizer(SentencePieceVocabulary vocabulary, PieceTable table)
{
    private readonly CharacterMap _map = CharacterMap.Read(vocabulary.NormalisationRules);

    public string Apply(string text)
    {
        var (written, removes) = (new StringBuilder(text.Length + 1), vocabulary.RemoveExtraSpaces);
        var at = removes ? SkipSpaces(text) : 0;
        if (at == text.Length)
        {
            return "";
        }

        var afterSpace = removes;
        while (at < text.Length)
        {
            var (part, length) = Next(text, at);
            part = afterSpace ? part.TrimStart(' ') : part;
            written.Append(part);
            afterSpace = removes && (part.Length > 0 ? part.EndsWith(' ') : afterSpace);
            at += length;
        }

        var space = vocabulary.EscapesSpaces ? '▁' : ' ';
        written.Replace(' ', space);
        return Closed(vocabulary is { LeadingSpace: true, SpaceAtEnd: false } ? written.Insert(0, space) : written, space);
    }

    /// <summary>A text's own ▁ at its end is taken for a space too, as the library does.</summary>
    private string Closed(StringBuilder written, char space)
    {
        while (vocabulary.RemoveExtraSpaces && written.Length > 0 && written[^1] == space)
        {
            written.Length--;
        }

        return (vocabulary is { LeadingSpace: true, SpaceAtEnd: true } ? written.Append(space) : written).ToString();
    }

    private int SkipSpaces(string text)
    {
        var at = 0;
        while (at < text.Length && Next(text, at) is (" ", var length))
        {
            at += length;
        }

        return at;
    }

    /// <summary>What is written for the characters here, and how many they are.</summary>
    private (string Part, int Length) Next(string text, int at)
    {
        if (table.WholeAt(text, at) is > 0 and var whole)
        {
            return (text.Substring(at, whole), whole);
        }

        if (_map.FindLongest(text.AsSpan(at)) is { } found)
        {
            return found;
        }

        var width = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return (text.Substring(at, width), width);
    }
}
