using System.Text;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>
/// A set of byte strings, built of smaller ones. Grammars are immutable and hold no cycle: what nests without end is unrolled to a named
/// depth.
/// </summary>
internal abstract class Grammar
{
    /// <summary><see cref="LeastBytes"/> of a grammar that no string belongs to.</summary>
    public const int Never = 1 << 28;

    private static readonly ByteSet[] s_single = [.. Enumerable.Range(0, 256).Select(value => new ByteSet([(byte)value]))];

    /// <summary>The empty string alone.</summary>
    public static Grammar Nothing { get; } = new Sequence([]);

    /// <summary>No string at all.</summary>
    public static Grammar Impossible { get; } = new Choice([]);

    /// <summary>Bytes of the shortest string; <see cref="Never"/> where there is none.</summary>
    public abstract int LeastBytes { get; }

    /// <summary>Puts the shortest string behind what is written. Only for grammars that have one.</summary>
    public abstract void WriteShortest(List<byte> written);

    /// <summary>The UTF-8 of this text, and nothing else.</summary>
    public static Grammar Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    /// <summary>These bytes one after the other, and nothing else.</summary>
    public static Grammar Bytes(params ReadOnlySpan<byte> bytes)
    {
        var parts = new Grammar[bytes.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = s_single[bytes[i]];
        }

        return parts is [var only] ? only : new Sequence(parts);
    }

    /// <summary>One byte between these two, both among them.</summary>
    public static Grammar Between(byte first, byte last)
    {
        var bytes = new List<byte>();
        for (int value = first; value <= last; value++)
        {
            bytes.Add((byte)value);
        }

        return new ByteSet(bytes);
    }

    /// <summary>One after the other.</summary>
    public static Grammar All(params Grammar[] parts) =>
        parts.Any(part => part.LeastBytes >= Never) ? Impossible
        : parts is [var only] ? only
        : new Sequence(parts);

    /// <summary>Any one of these; those that no string belongs to are left out.</summary>
    public static Grammar Any(params IEnumerable<Grammar> options)
    {
        Grammar[] possible = [.. options.Where(option => option.LeastBytes < Never)];
        return possible is [var only] ? only : new Choice(possible);
    }

    /// <summary>This or nothing.</summary>
    public static Grammar Optional(Grammar item) => Any(item, Nothing);

    /// <summary>So many times, one behind the other.</summary>
    /// <param name="item">Never the empty string.</param>
    /// <param name="least">From 0.</param>
    /// <param name="most">Null for any number.</param>
    public static Grammar Times(Grammar item, int least, int? most = null) =>
        most < least ? Impossible
        : most == 0 ? Nothing
        : item.LeastBytes < Never ? new Repeat(item, least, most)
        : least == 0 ? Nothing
        : Impossible;
}

/// <summary>One byte of a set.</summary>
internal sealed class ByteSet : Grammar
{
    private readonly bool[] _has = new bool[256];
    private readonly byte _shown;

    public ByteSet(IReadOnlyCollection<byte> bytes)
    {
        foreach (var value in bytes)
        {
            _has[value] = true;
        }

        // what fills a text up to its least length is better read as letters than as spaces
        _shown = _has['a'] ? (byte)'a' : bytes.Min();
    }

    public override int LeastBytes => 1;

    public bool Has(byte value) => _has[value];

    public override void WriteShortest(List<byte> written) => written.Add(_shown);
}

/// <summary>Parts, one after the other.</summary>
internal sealed class Sequence(Grammar[] parts) : Grammar
{
    public IReadOnlyList<Grammar> Parts => parts;

    public override int LeastBytes { get; } = (int)Math.Min(Never, parts.Sum(part => (long)part.LeastBytes));

    public override void WriteShortest(List<byte> written) => Array.ForEach(parts, part => part.WriteShortest(written));
}

/// <summary>Any one of the options.</summary>
internal sealed class Choice(Grammar[] options) : Grammar
{
    public IReadOnlyList<Grammar> Options => options;

    public override int LeastBytes { get; } = options.Length == 0 ? Never : options.Min(option => option.LeastBytes);

    public override void WriteShortest(List<byte> written) => options.MinBy(option => option.LeastBytes)!.WriteShortest(written);
}

/// <summary>The item some times.</summary>
internal sealed class Repeat(Grammar item, int least, int? most) : Grammar
{
    private Grammar? _rest;

    public Grammar Item => item;

    /// <summary>It may be over now.</summary>
    public bool MayEnd => least == 0;

    /// <summary>What may follow the first item; always the same object, by which states are told apart.</summary>
    public Grammar Rest => _rest ??= least == 0 && most is null ? this : Times(item, Math.Max(0, least - 1), most - 1);

    public override int LeastBytes { get; } = (int)Math.Min(Never, (long)least * item.LeastBytes);

    public override void WriteShortest(List<byte> written)
    {
        for (var i = 0; i < least; i++)
        {
            item.WriteShortest(written);
        }
    }
}
