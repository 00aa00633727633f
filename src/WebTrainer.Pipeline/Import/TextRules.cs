namespace WebTrainer.Pipeline.Import;

/// <summary>What no text of a row may hold, because neither DuckDB, JSON nor a tokenizer can carry it through.</summary>
internal static class TextRules
{
    /// <exception cref="BrokenRowException">The text holds NUL or half of a surrogate pair.</exception>
    public static string Check(string text, string key)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new BrokenRowException(key, $"'{key}' holds a NUL character or broken text.");
        }

        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                throw new BrokenRowException(key, $"'{key}' holds half of a surrogate pair, which is no character.");
            }

            i++;
        }

        return text;
    }
}
