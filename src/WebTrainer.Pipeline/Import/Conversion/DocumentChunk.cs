using System.Text;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>A piece of a document that can be read by itself, and where it stands.</summary>
/// <param name="Heading">The heading above it, with those right above that one; empty where there is none.</param>
/// <param name="Page">Counted from 1; 0 where the document has no pages.</param>
/// <param name="Document">Name of the file.</param>
public sealed record DocumentChunk(string Text, string Heading, int Page, string Document);

/// <summary>A paragraph, or a heading.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
internal readonly record struct DocumentPart(string Text, bool IsHeading, int Page);

/// <summary>Joins paragraphs until a piece is long enough: a piece never runs over a heading or a page.</summary>
internal static class DocumentChunker
{
    /// <summary>Characters that a piece has at most, about 500 tokens; only a longer sentence exceeds it.</summary>
    public const int MaxCharacters = 2_000;

    /// <summary>Between headings with no text between them: a chapter's, and its first section's.</summary>
    private const string BetweenHeadings = " / ";

    public static IEnumerable<DocumentChunk> Join(IEnumerable<DocumentPart> parts, string document)
    {
        var (text, heading, page, isBare) = (new StringBuilder(), "", 0, false);
        foreach (var part in parts.Where(p => !string.IsNullOrWhiteSpace(p.Text)))
        {
            if (text.Length > 0 && (part.IsHeading || part.Page != page))
            {
                yield return Take();
            }

            page = part.Page;
            if (part.IsHeading)
            {
                if (isBare && heading.Length + part.Text.Length > MaxCharacters)
                {
                    yield return Alone();
                }

                (heading, isBare) = (isBare ? heading + BetweenHeadings + part.Text.Trim() : part.Text.Trim(), true);
                continue;
            }

            isBare = false;
            foreach (var piece in Pieces(part.Text.Trim()))
            {
                if (text.Length > 0 && text.Length + piece.Length > MaxCharacters)
                {
                    yield return Take();
                }

                text.Append(text.Length == 0 ? "" : "\n\n").Append(piece);
            }
        }

        if (text.Length > 0)
        {
            yield return Take();
        }

        if (isBare)
        {
            yield return Alone();
        }

        // Headings below which nothing stands are text themselves: else they were lost.
        DocumentChunk Alone()
        {
            var chunk = new DocumentChunk(heading, "", page, document);
            (heading, isBare) = ("", false);
            return chunk;
        }

        DocumentChunk Take()
        {
            var chunk = new DocumentChunk(text.ToString(), heading, page, document);
            text.Clear();
            return chunk;
        }
    }

    /// <summary>A paragraph that is too long, cut after sentences; a sentence that is too long, cut after words.</summary>
    private static IEnumerable<string> Pieces(string text)
    {
        while (text.Length > MaxCharacters)
        {
            var cut = text.AsSpan(0, MaxCharacters).LastIndexOfAny('.', '؟', '?') + 1;
            if (cut < MaxCharacters / 4)
            {
                cut = text.LastIndexOf(' ', MaxCharacters - 1) + 1;
            }

            if (cut <= 0)
            {
                cut = char.IsHighSurrogate(text[MaxCharacters - 1]) ? MaxCharacters - 1 : MaxCharacters;
            }

            yield return text[..cut].TrimEnd();
            text = text[cut..].TrimStart();
        }

        if (text.Length > 0)
        {
            yield return text;
        }
    }
}
