namespace WebTrainer.Tokenizing;

/// <summary>A text, or a pair of texts, as an encoder reads it.</summary>
/// <param name="Ids">Tokens with the model's marks around and between the texts.</param>
/// <param name="Types">For each token the number of its text where the model tells texts apart (<c>token_type_ids</c>), else 0.</param>
/// <param name="Truncated">Tokens were cut off, since there were more than the model reads.</param>
public sealed record EncoderInput(int[] Ids, int[] Types, bool Truncated);

/// <summary>A place in a template: marks, or one of the two texts.</summary>
/// <param name="Text">0 or 1, or null for marks.</param>
/// <param name="Type">The token type of all that stands here.</param>
internal sealed record TemplatePart(int? Text, IReadOnlyList<int> Marks, int Type)
{
    public static TemplatePart Mark(int id, int type = 0) => new(null, [id], type);

    public static TemplatePart First { get; } = new(0, [], 0);

    public static TemplatePart Second(int type) => new(1, [], type);
}

/// <summary>The marks that an encoder was trained to see around one text and around two.</summary>
internal sealed record EncoderTemplate(IReadOnlyList<TemplatePart> Single, IReadOnlyList<TemplatePart> Pair)
{
    /// <summary><c>[CLS] a [SEP]</c> and <c>[CLS] a [SEP] b [SEP]</c>, the second text being of type 1 (arXiv:1810.04805).</summary>
    public static EncoderTemplate Bert(int before, int after) =>
        new(
            [TemplatePart.Mark(before), TemplatePart.First, TemplatePart.Mark(after)],
            [TemplatePart.Mark(before), TemplatePart.First, TemplatePart.Mark(after), TemplatePart.Second(1), TemplatePart.Mark(after, 1)]
        );

    /// <summary>
    /// <c>&lt;s&gt; a &lt;/s&gt;</c> and <c>&lt;s&gt; a &lt;/s&gt;&lt;/s&gt; b &lt;/s&gt;</c>, all of type 0 (arXiv:1907.11692).
    /// </summary>
    public static EncoderTemplate Roberta(int before, int after) =>
        new(
            [TemplatePart.Mark(before), TemplatePart.First, TemplatePart.Mark(after)],
            [
                TemplatePart.Mark(before),
                TemplatePart.First,
                TemplatePart.Mark(after),
                TemplatePart.Mark(after),
                TemplatePart.Second(0),
                TemplatePart.Mark(after),
            ]
        );

    /// <summary>The mark before a text; null where it begins at once.</summary>
    public int? Begin => Single.TakeWhile(part => part.Text is null).SelectMany(part => part.Marks).Cast<int?>().FirstOrDefault();

    public int MarkCount(bool pair) => (pair ? Pair : Single).Sum(part => part.Marks.Count);

    /// <param name="maximumTokens">Ids at most; the longer of two texts loses its end first, as in the ecosystem's
    /// <c>longest_first</c>.</param>
    public EncoderInput Fill(IReadOnlyList<int> first, IReadOnlyList<int>? second, int maximumTokens)
    {
        var parts = second is null ? Single : Pair;
        var room = Math.Max(0, maximumTokens - MarkCount(second is not null));
        var kept = Kept(first.Count, second?.Count ?? 0, room);
        var (ids, types) = (new List<int>(), new List<int>());
        foreach (var part in parts)
        {
            ids.AddRange(
                part.Text switch
                {
                    null => part.Marks,
                    0 => first.Take(kept.First),
                    _ => second!.Take(kept.Second),
                }
            );
            types.AddRange(Enumerable.Repeat(part.Type, ids.Count - types.Count));
        }

        return new([.. ids], [.. types], kept.First < first.Count || kept.Second < (second?.Count ?? 0));
    }

    private static (int First, int Second) Kept(int first, int second, int room)
    {
        if (first + second <= room)
        {
            return (first, second);
        }

        var shorter = Math.Min(first, second);
        var longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (shorter + longer > room)
        {
            (shorter, longer) = (room / 2, (room / 2) + (room % 2));
        }

        return first > second ? (longer, shorter) : (shorter, longer);
    }
}
