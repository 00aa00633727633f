using System.Runtime.InteropServices;

namespace WebTrainer.Learning.Generation.Constrained;

/// <summary>
/// Reads strings of a grammar byte by byte. A state is a set of stacks of what is still to come, as in a generalised LR parser, on top of
/// each a set of bytes; equal stacks and states are one object, so that what is known of a state is known once (a lazily built
/// deterministic automaton). One thread uses it at a time.
/// </summary>
internal sealed class Automaton
{
    /// <summary>States that are remembered; beyond, all are forgotten and found anew.</summary>
    private const int MostStates = 50_000;

    private readonly Dictionary<(Grammar, Pending?), Pending> _pending = [];
    private readonly Dictionary<string, State> _states = new(StringComparer.Ordinal);
    private int _made;

    public Automaton(Grammar grammar) => Start = Close([Push(grammar, null)]);

    /// <summary>Before the first byte.</summary>
    public State Start { get; }

    /// <summary>The state behind one more byte; <see cref="State.IsDead"/> where no string goes on so.</summary>
    public State Step(State state, byte value) => state.Next[value] ??= Close(state.Behind(value));

    private Pending Push(Grammar grammar, Pending? rest)
    {
        if (!_pending.TryGetValue((grammar, rest), out var pending))
        {
            _pending[(grammar, rest)] = pending = new Pending(_made++, grammar, rest);
        }

        return pending;
    }

    /// <summary>Opens what is on top of the stacks until bytes are.</summary>
    private State Close(IEnumerable<Pending?> stacks)
    {
        var (ready, seen, complete) = (new List<Pending>(), new HashSet<Pending>(), false);
        var open = new Stack<Pending?>(stacks);
        while (open.TryPop(out var stack))
        {
            if (stack is null)
            {
                complete = true;
                continue;
            }

            if (!seen.Add(stack))
            {
                continue;
            }

            switch (stack.Grammar)
            {
                case ByteSet:
                    ready.Add(stack);
                    break;
                case Sequence sequence:
                    open.Push(sequence.Parts.Reverse().Aggregate(stack.Rest, (rest, part) => Push(part, rest)));
                    break;
                case Choice choice:
                    foreach (var option in choice.Options)
                    {
                        open.Push(Push(option, stack.Rest));
                    }

                    break;
                case Repeat repeat:
                    open.Push(Push(repeat.Item, repeat.Rest == Grammar.Nothing ? stack.Rest : Push(repeat.Rest, stack.Rest)));
                    if (repeat.MayEnd)
                    {
                        open.Push(stack.Rest);
                    }

                    break;
            }
        }

        return Find(ready, complete);
    }

    private State Find(List<Pending> ready, bool complete)
    {
        if (ready.Count == 0)
        {
            return complete ? State.Over : State.Dead;
        }

        int[] ids = [.. ready.Select(stack => stack.Id).Order(), complete ? 1 : 0];
        var key = new string(MemoryMarshal.Cast<int, char>(ids.AsSpan()));
        if (_states.TryGetValue(key, out var known))
        {
            return known;
        }

        if (_states.Count >= MostStates)
        {
            // answers under way hold their own
            _states.Clear();
            _pending.Clear();
        }

        return _states[key] = new State(ready, complete);
    }
}

/// <summary>What is still to come, the next first.</summary>
/// <param name="Id">Tells those of one automaton apart.</param>
/// <param name="Grammar">Next.</param>
/// <param name="Rest">Behind it; null for nothing.</param>
internal sealed record Pending(int Id, Grammar Grammar, Pending? Rest)
{
    /// <summary>Bytes to the end at least.</summary>
    public int LeastBytes { get; } = Math.Min(Grammar.Never, Grammar.LeastBytes + (Rest?.LeastBytes ?? 0));

    public bool Equals(Pending? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id;
}

/// <summary>A place in the strings of a grammar.</summary>
internal sealed class State(IReadOnlyList<Pending> ready, bool isComplete)
{
    private byte[]? _shortest;

    /// <summary>No string of the grammar begins so.</summary>
    public static State Dead { get; } = new([], false);

    /// <summary>The string is complete, and nothing may follow.</summary>
    public static State Over { get; } = new([], true);

    public bool IsDead => !isComplete && ready.Count == 0;

    /// <summary>What has been read is a string of the grammar.</summary>
    public bool IsComplete => isComplete;

    /// <summary>More may follow.</summary>
    public bool GoesOn => ready.Count > 0;

    /// <summary>Bytes to the end at least.</summary>
    public int LeastBytes { get; } = isComplete ? 0 : ready.Select(stack => stack.LeastBytes).DefaultIfEmpty(Grammar.Never).Min();

    /// <summary>The shortest end.</summary>
    public ReadOnlySpan<byte> Shortest => _shortest ??= [.. FindShortest()];

    /// <summary>States behind each byte, as far as they are known.</summary>
    internal State?[] Next { get; } = new State?[256];

    internal IEnumerable<Pending?> Behind(byte value) =>
        ready.Where(stack => ((ByteSet)stack.Grammar).Has(value)).Select(stack => stack.Rest);

    private List<byte> FindShortest()
    {
        var written = new List<byte>();
        for (var stack = isComplete ? null : ready.MinBy(one => one.LeastBytes); stack is not null; stack = stack.Rest)
        {
            stack.Grammar.WriteShortest(written);
        }

        return written;
    }
}
