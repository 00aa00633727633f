using System.Numerics;
using System.Runtime.InteropServices;

namespace WebTrainer.Privacy.Summing;

/// <summary>Vectors of numbers modulo 2⁶⁴.</summary>
internal static class RingVector
{
    /// <summary>Adds, or takes away, in place; both have one length.</summary>
    public static void Combine(Span<ulong> into, ReadOnlySpan<ulong> values, bool isAdded)
    {
        var wideInto = MemoryMarshal.Cast<ulong, Vector<ulong>>(into);
        var wide = MemoryMarshal.Cast<ulong, Vector<ulong>>(values);
        for (var i = 0; i < wide.Length; i++)
        {
            wideInto[i] = isAdded ? wideInto[i] + wide[i] : wideInto[i] - wide[i];
        }

        for (var i = wide.Length * Vector<ulong>.Count; i < values.Length; i++)
        {
            into[i] = isAdded ? into[i] + values[i] : into[i] - values[i];
        }
    }
}
