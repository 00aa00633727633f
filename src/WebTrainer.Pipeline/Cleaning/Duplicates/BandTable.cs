namespace WebTrainer.Pipeline.Cleaning.Duplicates;

/// <summary>Finds texts of which one band equals. Holds positions only: what they stand for is looked up in the signatures.</summary>
internal sealed class BandTable(int first, int rows, int capacity, uint[]?[] signatures)
{
    // At most half full, so that a free slot is near.
    private readonly int[] _slots = new int[checked((int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, capacity * 2L)))];

    /// <summary>Adds a text to those that are found.</summary>
    public void Add(int index)
    {
        var slot = Slot(signatures[index]!);
        while (_slots[slot] != 0) slot = (slot + 1) & (_slots.Length - 1);
        _slots[slot] = index + 1;
    }

    /// <summary>The texts with an equal band, and by chance some others.</summary>
    public IEnumerable<int> Find(uint[] signature)
    {
        for (var slot = Slot(signature); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            var index = _slots[slot] - 1;
            if (Band(signatures[index]!).SequenceEqual(Band(signature))) yield return index;
        }
    }

    private ReadOnlySpan<uint> Band(uint[] signature) => signature.AsSpan(first, rows);

    private int Slot(uint[] signature)
    {
        ulong hash = 0;
        foreach (var place in Band(signature)) hash = System.Numerics.BitOperations.RotateLeft((hash ^ place) * 0x9E3779B97F4A7C15UL, 29);
        return (int)(hash & (ulong)(_slots.Length - 1));
    }
}
