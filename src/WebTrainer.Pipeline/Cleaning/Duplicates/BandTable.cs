using System.Numerics;

namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>Finds texts of which one band equals. Holds positions only: what they stand for is looked up in the signatures.</summary>
/// <remarks>
/// The bits of a slot that the position leaves free hold a piece of the band's hash, so that other texts' signatures, which lie all
/// over the memory, are seldom looked at in vain.
/// </remarks>
internal sealed class BandTable(int first, int rows, int capacity, uint[]?[] signatures)
{
    private readonly int _positionBits = 32 - BitOperations.LeadingZeroCount((uint)signatures.Length);

    // At most half full, so that a free slot is near. 0 is free: positions are counted from 1.
    private readonly uint[] _slots = new uint[checked((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, capacity * 2L)))];

    /// <summary>Adds a text to those that are found.</summary>
    public void Add(int index)
    {
        var hash = Hash(signatures[index]!);
        var slot = Slot(hash);
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = Tag(hash) | (uint)(index + 1);
    }

    /// <summary>The texts with an equal band.</summary>
    public IEnumerable<int> Find(uint[] signature)
    {
        var hash = Hash(signature);
        var tag = Tag(hash);
        var position = (1u << _positionBits) - 1;
        for (var slot = Slot(hash); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if ((_slots[slot] & ~position) != tag)
            {
                continue;
            }

            var index = (int)(_slots[slot] & position) - 1;
            if (Band(signatures[index]!).SequenceEqual(Band(signature)))
            {
                yield return index;
            }
        }
    }

    private ReadOnlySpan<uint> Band(uint[] signature) => signature.AsSpan(first, rows);

    private ulong Hash(uint[] signature)
    {
        ulong hash = 0;
        foreach (var place in Band(signature))
        {
            hash = BitOperations.RotateLeft((hash ^ place) * 0x9E3779B97F4A7C15UL, 29);
        }

        return hash;
    }

    private int Slot(ulong hash) => (int)(hash & (ulong)(_slots.Length - 1));

    private uint Tag(ulong hash) => (uint)((hash >> 32) << _positionBits);
}
