using System.Runtime.InteropServices;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>
/// A piece of text that says too much, from <paramref name="Start"/> up to but not including <paramref name="End"/> (UTF-16 units).
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Found(int Start, int End)
{
    /// <summary>UTF-16 units from start to end.</summary>
    public int Length => End - Start;
}

/// <summary>Finds one kind of thing in texts; safe for many threads at once.</summary>
internal interface IFinder
{
    /// <summary>What it is called where it is masked: <c>EMAIL</c>.</summary>
    string Name { get; }

    /// <summary>From left to right, never overlapping.</summary>
    IEnumerable<Found> Find(string text);
}
