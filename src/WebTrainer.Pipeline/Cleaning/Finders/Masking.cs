using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>What becomes of what was found.</summary>
public enum MaskAction
{
    /// <summary>Its kind stands instead: <c>[EMAIL]</c>.</summary>
    Mask,

    /// <summary>
    /// Its kind and a name of its own: <c>[EMAIL-7F3A0C]</c>, the same in all rows, so that who wrote to whom can still be told.
    /// </summary>
    Replace,

    /// <summary>The whole row is set aside.</summary>
    SetAside,
}

/// <summary>Takes out of texts what finders find.</summary>
internal sealed class Masking(IReadOnlyList<IFinder> finders, MaskAction action, string key)
{
    private const int NameBytes = 3;
    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    public StepWork Work() =>
        action == MaskAction.SetAside
            ? new SieveWork(row =>
                row.Messages.Select(m => First(m.Content)).FirstOrDefault(n => n is not null) is { } name ? $"It holds {name}." : null
            )
            : new MessageWork(this);

    /// <summary>The text without what was found; where two finders claim the same piece, the one named first has it.</summary>
    public string Map(string text)
    {
        List<(Found Place, string Name)>? all = null;
        foreach (var finder in finders)
        {
            foreach (var place in finder.Find(text))
            {
                all ??= [];
                if (!all.Exists(f => f.Place.Start < place.End && place.Start < f.Place.End))
                {
                    all.Add((place, finder.Name));
                }
            }
        }

        return all is null ? text : Rewrite(text, all);
    }

    private string? First(string text) => finders.FirstOrDefault(f => f.Find(text).Any())?.Name;

    private string Rewrite(string text, List<(Found Place, string Name)> all)
    {
        var result = new StringBuilder(text.Length);
        var from = 0;
        foreach (var (place, name) in all.OrderBy(f => f.Place.Start))
        {
            result.Append(text, from, place.Start - from).Append(Instead(text.AsSpan(place.Start, place.Length), name));
            from = place.End;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    /// <remarks>Without the key nobody can try values until a name fits; with it they can, so whoever must not needs the mask.</remarks>
    private string Instead(ReadOnlySpan<char> value, string name)
    {
        if (action == MaskAction.Mask)
        {
            return $"[{name}]";
        }
        // The same number with other spaces, case or digits is the same number.
        var normal = string.Concat(PlainView.Of(value.ToString()).Text.ToLowerInvariant().Where(c => !char.IsWhiteSpace(c) && c != '-'));
        return $"[{name}-{Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(normal)).AsSpan(0, NameBytes))}]";
    }

    /// <summary>Labels are classes that people chose: a finder has no say in them.</summary>
    private sealed class MessageWork(Masking masking) : StepWork
    {
        public override RowOutcome Apply(int index, CanonicalRow row)
        {
            var mapped = RowTexts.Map(row, text => text == row.Label ? text : masking.Map(text));
            return new(mapped);
        }
    }
}
