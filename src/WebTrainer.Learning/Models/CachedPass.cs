using WebTrainer.Learning.Kernels;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>
/// New tokens of several sequences, run together after what each sequence's cache holds. A token sees its sequence's cached
/// tokens and, of the new ones, those from its begin up to itself.
/// </summary>
public sealed class CachedPass
{
    private readonly bool _keeps;
    private float[]? _byDistance;

    private CachedPass(IReadOnlyList<CachedSequence> sequences, int[] counts, bool keeps)
    {
        (Sequences, Counts, _keeps) = (sequences, counts, keeps);
        Width = Math.Max(1, counts.Max());
        Past = [.. sequences.Select(sequence => sequence.Length)];
        Ids = new long[counts.Length * Width];
        Positions = new long[Ids.Length];
        Begins = new int[Ids.Length];
        // what isn't kept turns as what it continues
        TextTokens = [.. Past.Zip(counts, (past, count) => keeps || past == 0 ? past + count : past)];
    }

    /// <summary>Tokens of the longest row; shorter ones are padded on the right.</summary>
    public int Width { get; }

    internal IReadOnlyList<CachedSequence> Sequences { get; }

    /// <summary>New tokens of each row.</summary>
    internal int[] Counts { get; }

    /// <summary>Tokens of each row that were cached before.</summary>
    internal int[] Past { get; }

    internal long[] Ids { get; }

    /// <summary>Place of each new token in its sequence.</summary>
    internal long[] Positions { get; }

    /// <summary>Tokens of each row's sequence by whose number its rotations are chosen (see <see cref="RotaryScaling.StageOf"/>).</summary>
    internal int[] TextTokens { get; private init; }

    /// <summary>The first new token that each new token sees.</summary>
    internal int[] Begins { get; }

    /// <summary>Learned offsets of scores by distance; null where positions enter otherwise.</summary>
    internal RelativeBias? Offsets { get; set; }

    /// <summary>Nothing came before, and each token sees all new ones up to itself: plain causal attention.</summary>
    internal bool IsFresh => _keeps && Past.All(past => past == 0);

    /// <summary>Tokens that become part of the sequences.</summary>
    /// <param name="sequences">The caches, each of which gets room for its new tokens.</param>
    /// <param name="tokens">New ones of each sequence, at least one; shorter rows are padded.</param>
    /// <param name="contextTokens">Positions beyond the model's last stay at it.</param>
    public static CachedPass Continue(IReadOnlyList<CachedSequence> sequences, IReadOnlyList<IReadOnlyList<int>> tokens, int contextTokens)
    {
        var pass = new CachedPass(sequences, [.. tokens.Select(row => row.Count)], keeps: true);
        for (var row = 0; row < tokens.Count; row++)
        {
            pass.Place(row, 0, tokens[row], contextTokens);
        }

        return pass;
    }

    /// <summary>All that a sequence holds once more, turned as in a text of so many tokens.</summary>
    internal static CachedPass Again(CachedSequence sequence, int textTokens, int contextTokens)
    {
        int[] tokens = [.. sequence.Tokens];
        sequence.Clear();
        var pass = new CachedPass([sequence], [tokens.Length], keeps: true) { TextTokens = [textTokens] };
        pass.Place(0, 0, tokens, contextTokens);
        return pass;
    }

    /// <summary>
    /// Several continuations of each sequence, one behind the other, of which none sees another; the sequences stay as they are.
    /// </summary>
    public static CachedPass Branch(
        IReadOnlyList<CachedSequence> sequences,
        IReadOnlyList<IReadOnlyList<IReadOnlyList<int>>> branches,
        int contextTokens
    )
    {
        var pass = new CachedPass(sequences, [.. branches.Select(row => row.Sum(branch => branch.Count))], keeps: false);
        for (var row = 0; row < branches.Count; row++)
        {
            var begin = 0;
            foreach (var branch in branches[row])
            {
                pass.Place(row, begin, branch, contextTokens);
                begin += branch.Count;
            }
        }

        return pass;
    }

    /// <summary>Makes room for the new tokens in each cache.</summary>
    internal void Reserve()
    {
        for (var row = 0; row < Counts.Length; row++)
        {
            Sequences[row].Reserve(Past[row] + Counts[row]);
        }
    }

    /// <summary>Puts the new tokens' keys and values behind the cached ones.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="keys"><c>[rows, width, kv heads, head]</c>, as the values.</param>
    /// <param name="values">As the keys.</param>
    internal void Store(int layer, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        if (keys.device_type == TorchSharp.DeviceType.CPU)
        {
            CachedAttentionKernel.Store(this, layer, keys.contiguous(), values.contiguous());
            return;
        }

        for (var row = 0; row < Counts.Length; row++)
        {
            var (past, count) = (Past[row], Counts[row]);
            Sequences[row].Keys(layer, past + count).narrow(1, past, count).copy_(keys[row].narrow(0, 0, count).transpose(0, 1));
            Sequences[row].Values(layer, past + count).narrow(1, past, count).copy_(values[row].narrow(0, 0, count).transpose(0, 1));
        }
    }

    /// <summary>Attention of the new tokens to what they see.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="queries"><c>[rows, width, heads, head]</c></param>
    /// <param name="form">What is made of q·k before the softmax.</param>
    /// <param name="window">Tokens seen at most, the token itself included; null for all.</param>
    /// <returns><c>[rows, width, heads, head]</c>, owned by the caller; rubbish where a row is padded.</returns>
    internal Tensor Attend(int layer, Tensor queries, ScoreForm form, int? window) =>
        form.IsPlain && Kernel.Fits(queries, queries.shape[3])
            ? CachedAttentionKernel.Attend(this, layer, queries.contiguous(), form.Scale, window ?? int.MaxValue, ByDistance())
            : AttendByTensors(layer, queries, form, window);

    /// <summary>Attention of the new tokens to the prompts that an encoder has read.</summary>
    /// <param name="layer">From 0.</param>
    /// <param name="queries"><c>[rows, width, heads, head]</c></param>
    /// <param name="form">What is made of q·k before the softmax.</param>
    /// <returns>As the queries, owned by the caller; rubbish where a row is padded.</returns>
    internal Tensor Recall(int layer, Tensor queries, ScoreForm form) =>
        form.IsPlain && Kernel.Fits(queries, queries.shape[3])
            ? CachedAttentionKernel.Recall(this, layer, queries.contiguous(), form.Scale)
            : RecallByTensors(layer, queries, form);

    internal Tensor RecallByTensors(int layer, Tensor queries, ScoreForm form)
    {
        using var scope = NewDisposeScope();
        using var nothing = zeros(1, device: queries.device); // all of a prompt is seen
        var results = empty_like(queries);
        for (var row = 0; row < Counts.Length; row++)
        {
            var (keys, values) = (Sequences[row].Prompt![layer, 0], Sequences[row].Prompt![layer, 1]); // [heads, columns, head]
            var weights = form.Weights(queries[row].transpose(0, 1).matmul(keys.transpose(1, 2)), nothing);
            results[row].copy_(weights.to(values.dtype).matmul(values).transpose(0, 1));
        }

        return results.MoveToOuterDisposeScope();
    }

    /// <summary>What was run belongs to the sequences from now on, if it is kept.</summary>
    internal void End()
    {
        for (var row = 0; _keeps && row < Counts.Length; row++)
        {
            Sequences[row].Add(Ids.AsSpan(row * Width, Counts[row]), TextTokens[row]);
        }
    }

    private void Place(int row, int begin, IReadOnlyList<int> tokens, int contextTokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var place = (row * Width) + begin + i;
            Ids[place] = tokens[i];
            Positions[place] = Math.Min(Past[row] + i, contextTokens - 1);
            Begins[place] = begin;
        }
    }

    /// <summary>For devices, types and forms the kernel doesn't serve: row by row with a mask.</summary>
    internal Tensor AttendByTensors(int layer, Tensor queries, ScoreForm form, int? window)
    {
        using var scope = NewDisposeScope();
        var results = zeros_like(queries);
        for (var row = 0; row < Counts.Length; row++)
        {
            var (count, total) = (Counts[row], Past[row] + Counts[row]);
            if (count == 0)
            {
                continue;
            }

            var group = queries.shape[2] / Sequences[row].Store.shape[2];
            var keys = Sequences[row].Keys(layer, total).repeat_interleave(group, dim: 0); // [heads, total, head]
            var values = Sequences[row].Values(layer, total).repeat_interleave(group, dim: 0);
            var q = queries[row].narrow(0, 0, count).transpose(0, 1); // [heads, count, head]
            var mask = MaskOf(row, window, queries.device);
            mask = Offsets is null ? mask : mask + OffsetsOf(row, Offsets);
            var weights = form.Weights(q.matmul(keys.transpose(1, 2)), mask);
            results[row].narrow(0, 0, count).copy_(weights.to(values.dtype).matmul(values).transpose(0, 1));
        }

        return results.MoveToOuterDisposeScope();
    }

    /// <summary>The same for all layers: for each head, what a token's score gets by how far before it is what it sees.</summary>
    private float[]? ByDistance()
    {
        if (_byDistance is null && Offsets is not null)
        {
            using var scope = NewDisposeScope();
            int[] before = [.. Enumerable.Range(0, Past.Max() + Width).Select(distance => -distance)];
            _byDistance = Offsets.For([0], before).to(ScalarType.Float32).contiguous().data<float>().ToArray();
        }

        return _byDistance;
    }

    /// <returns><c>[heads, count, past + count]</c></returns>
    private Tensor OffsetsOf(int row, RelativeBias offsets)
    {
        int[] own = [.. Enumerable.Range(0, Counts[row]).Select(t => Past[row] + t - Begins[(row * Width) + t])];
        return offsets.For(own, [.. Enumerable.Range(0, Past[row]), .. own]);
    }

    /// <returns>Additive <c>[count, past + count]</c>.</returns>
    private Tensor MaskOf(int row, int? window, Device device)
    {
        var (past, count) = (Past[row], Counts[row]);
        var visible = new bool[count * (past + count)];
        for (var t = 0; t < count; t++)
        {
            var (old, own) = FirstSeen(row, t, window ?? int.MaxValue);
            Array.Fill(visible, true, (t * (past + count)) + old, past - old);
            Array.Fill(visible, true, (t * (past + count)) + own, past + t + 1 - own);
        }

        return Sight.Additive(tensor(visible, [count, past + count], device: device), ScalarType.Float32);
    }

    /// <summary>Columns from which a new token sees the cached ones, and the new ones of its branch.</summary>
    internal (int Cached, int New) FirstSeen(int row, int token, int window)
    {
        var begin = Begins[(row * Width) + token];
        var position = Math.Max(0, Past[row] + token - begin - window + 1);
        return (Math.Min(position, Past[row]), Past[row] + begin + Math.Max(0, position - Past[row]));
    }
}
