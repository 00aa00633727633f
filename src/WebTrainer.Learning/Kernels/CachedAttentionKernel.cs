using System.Runtime.Intrinsics;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Kernels;

/// <summary>
/// Attention of a few new tokens to what is cached of their sequences. Each sequence is read where it lies, as long as it is, and
/// once for all query heads of a group: nothing is padded, widened or masked.
/// </summary>
internal static unsafe class CachedAttentionKernel
{
    /// <param name="pass">Says which sequence each row is, and how much it holds already.</param>
    /// <param name="layer">From 0.</param>
    /// <param name="keys">Contiguous <c>[rows, width, kv heads, head]</c>, as the values.</param>
    /// <param name="values">As the keys.</param>
    public static void Store(CachedPass pass, int layer, Tensor keys, Tensor values)
    {
        var (heads, bytes) = (keys.shape[2], keys.shape[3] * keys.ElementSize);
        var (k, v) = ((nint)Kernel.Data(keys), (nint)Kernel.Data(values));
        for (var row = 0; row < pass.Counts.Length; row++)
        {
            var place = new Place(pass.Sequences[row].Store, layer);
            for (var t = 0; t < pass.Counts[row]; t++)
            {
                for (var head = 0; head < heads; head++)
                {
                    var from = ((((long)row * pass.Width) + t) * heads + head) * bytes;
                    var to = (pass.Past[row] + t) * bytes;
                    Buffer.MemoryCopy((byte*)k + from, place.Keys(head) + to, bytes, bytes);
                    Buffer.MemoryCopy((byte*)v + from, place.Values(head) + to, bytes, bytes);
                }
            }
        }
    }

    /// <param name="pass">Sequences and new tokens; their keys and values are stored already.</param>
    /// <param name="layer">From 0.</param>
    /// <param name="queries">Contiguous <c>[rows, width, heads, head]</c>.</param>
    /// <param name="scale">Times q·k before the softmax.</param>
    /// <param name="window">Tokens seen at most, the token itself included.</param>
    /// <param name="offsets">Added to scores, for each head one a distance; null for none.</param>
    /// <returns>As the queries.</returns>
    public static Tensor Attend(CachedPass pass, int layer, Tensor queries, double scale, int window, float[]? offsets = null)
    {
        var places = pass.Sequences.Select(sequence => new Place(sequence.Store, layer));
        return Attend(pass.Counts, [.. places], ColumnsOf, pass.Past.Max() + pass.Width, queries, (float)scale, offsets);

        Columns ColumnsOf(int row, int t)
        {
            var (cached, own) = pass.FirstSeen(row, t, window);
            var (past, begin) = (pass.Past[row], pass.Begins[(row * pass.Width) + t]);
            return new Columns(cached, past, own, past + t + 1, past + t - begin);
        }
    }

    /// <summary>Attention to all of the prompts that an encoder has read.</summary>
    /// <param name="pass">Its sequences hold a prompt each.</param>
    /// <param name="layer">From 0.</param>
    /// <param name="queries">Contiguous <c>[rows, width, heads, head]</c>.</param>
    /// <param name="scale">Times q·k before the softmax.</param>
    /// <returns>As the queries.</returns>
    public static Tensor Recall(CachedPass pass, int layer, Tensor queries, double scale)
    {
        int[] lengths = [.. pass.Sequences.Select(sequence => (int)sequence.Prompt!.shape[3])];
        var places = pass.Sequences.Select(sequence => new Place(sequence.Prompt!, layer));
        return Attend(
            pass.Counts,
            [.. places],
            (row, _) => new(0, lengths[row], 0, 0, 0),
            lengths.Max(),
            queries,
            (float)scale,
            offsets: null
        );
    }

    /// <param name="counts">New tokens of each row.</param>
    /// <param name="places">Keys and values of each row's sequence.</param>
    /// <param name="columnsOf">What a token of a row sees.</param>
    /// <param name="longest">The most columns that any token sees: by it the work is shared among threads, or not at all.</param>
    /// <param name="queries">Contiguous <c>[rows, width, heads, head]</c>.</param>
    /// <param name="scale">Times q·k before the softmax.</param>
    /// <param name="offsets">Added to scores, for each head one a distance; null for none.</param>
    private static Tensor Attend(
        int[] counts,
        Place[] places,
        Func<int, int, Columns> columnsOf,
        int longest,
        Tensor queries,
        float scale,
        float[]? offsets
    )
    {
        var result = zeros_like(queries, requires_grad: false);
        if (queries.dtype == ScalarType.Float32)
        {
            Attend<Float32Element>(counts, places, columnsOf, longest, queries, result, scale, offsets);
        }
        else
        {
            Attend<BFloat16Element>(counts, places, columnsOf, longest, queries, result, scale, offsets);
        }

        return result;
    }

    private static void Attend<T>(
        int[] counts,
        Place[] places,
        Func<int, int, Columns> columnsOf,
        int longest,
        Tensor queries,
        Tensor result,
        float scale,
        float[]? offsets
    )
        where T : IElement
    {
        var (q, y) = ((nint)Kernel.Data(queries), (nint)Kernel.Data(result));
        var (width, heads, size) = ((int)queries.shape[1], (int)queries.shape[2], (int)queries.shape[3]);
        var groups = places[0].Heads;
        Kernel.Rows(
            (long)places.Length * groups,
            (long)width * longest * size * heads / groups,
            (_, begin, end) =>
            {
                var weights = new float[longest + Kernel.Lanes];
                var query = stackalloc float[size];
                for (var task = begin; task < end; task++)
                {
                    var (row, group) = ((int)(task / groups), (int)(task % groups));
                    var place = places[row];
                    for (var t = 0; t < counts[row]; t++)
                    {
                        var columns = columnsOf(row, t);
                        for (var head = group * heads / groups; head < (group + 1) * heads / groups; head++)
                        {
                            var at = ((((long)row * width) + t) * heads + head) * size;
                            Spread<T>((byte*)q, at, query, size, scale);
                            Mix<T>(
                                query,
                                place.Keys(group),
                                place.Values(group),
                                columns,
                                offsets.AsSpan(head * ((offsets?.Length ?? 0) / heads)),
                                weights,
                                (byte*)y,
                                at,
                                size
                            );
                        }
                    }
                }
            }
        );
    }

    /// <summary>Two runs of columns: of the cached tokens, and of the new ones.</summary>
    /// <param name="Cached">First of the cached columns.</param>
    /// <param name="CachedEnd">Behind their last.</param>
    /// <param name="New">First of the new columns.</param>
    /// <param name="NewEnd">Behind their last.</param>
    /// <param name="Place">Of the token that sees them, among the cached ones.</param>
    private sealed record Columns(int Cached, int CachedEnd, int New, int NewEnd, int Place)
    {
        public int Count => CachedEnd - Cached + NewEnd - New;

        /// <summary>Adds to each column's score what its distance has.</summary>
        public void Add(ReadOnlySpan<float> offsets, float* scores)
        {
            for (var column = Cached; column < CachedEnd; column++)
            {
                *scores++ += offsets[Place - column];
            }

            for (var column = New; column < NewEnd; column++)
            {
                *scores++ += offsets[NewEnd - 1 - column];
            }
        }
    }

    private static void Spread<T>(byte* q, long at, float* query, int size, float scale)
        where T : IElement
    {
        for (var i = 0; i < size; i += Kernel.Lanes)
        {
            (T.Load(q, at + i) * scale).Store(query + i);
        }
    }

    private static void Mix<T>(
        float* query,
        byte* keys,
        byte* values,
        Columns columns,
        ReadOnlySpan<float> offsets,
        float[] weights,
        byte* y,
        long at,
        int size
    )
        where T : IElement
    {
        fixed (float* w = weights)
        {
            Score<T>(query, keys, columns.Cached, columns.CachedEnd, w, size);
            var split = columns.CachedEnd - columns.Cached;
            Score<T>(query, keys, columns.New, columns.NewEnd, w + split, size);
            if (offsets.Length > 0)
            {
                columns.Add(offsets, w);
            }

            var factor = Vector512.Create(1 / Soften(w, columns.Count));
            for (var i = 0; i < size; i += Kernel.Lanes)
            {
                var sum =
                    Sum<T>(values, columns.Cached, columns.CachedEnd, w, size, i)
                    + Sum<T>(values, columns.New, columns.NewEnd, w + split, size, i);
                T.Store(y, at + i, sum * factor);
            }
        }
    }

    private static void Score<T>(float* query, byte* keys, int begin, int end, float* scores, int size)
        where T : IElement
    {
        for (var column = begin; column < end; column++)
        {
            var sum = Vector512<float>.Zero;
            for (var i = 0; i < size; i += Kernel.Lanes)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.Load(query + i), T.Load(keys, ((long)column * size) + i), sum);
            }

            scores[column - begin] = Vector512.Sum(sum);
        }
    }

    /// <summary>exp(s - max) in place.</summary>
    /// <param name="scores">With room for a whole vector behind the last.</param>
    /// <param name="count">Scores that are meant; what stands behind them in the last vector is overwritten.</param>
    /// <returns>Their sum.</returns>
    private static float Soften(float* scores, int count)
    {
        Vector512.Create(float.NegativeInfinity).Store(scores + count);
        var highest = Vector512.Load(scores);
        for (var i = Kernel.Lanes; i < count; i += Kernel.Lanes)
        {
            highest = Vector512.Max(highest, Vector512.Load(scores + i));
        }

        var greatest = float.NegativeInfinity;
        for (var lane = 0; lane < Kernel.Lanes; lane++)
        {
            greatest = Math.Max(greatest, highest[lane]);
        }

        var (shift, total) = (Vector512.Create(greatest), Vector512<float>.Zero);
        for (var i = 0; i < count; i += Kernel.Lanes)
        {
            var weight = Vector512.Exp(Vector512.Load(scores + i) - shift);
            weight.Store(scores + i);
            total += weight;
        }

        return Vector512.Sum(total);
    }

    private static Vector512<float> Sum<T>(byte* values, int begin, int end, float* weights, int size, int i)
        where T : IElement
    {
        var sum = Vector512<float>.Zero;
        for (var column = begin; column < end; column++)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.Create(weights[column - begin]), T.Load(values, ((long)column * size) + i), sum);
        }

        return sum;
    }

    /// <summary>Where a layer's keys and values of a sequence lie.</summary>
    private sealed class Place
    {
        private readonly nint _data;
        private readonly long _headBytes,
            _valuesAt;

        /// <param name="store"><c>[layers, 2, heads, capacity, head]</c></param>
        /// <param name="layer">From 0.</param>
        public Place(Tensor store, int layer)
        {
            var shape = store.shape;
            Heads = (int)shape[2];
            _headBytes = shape[3] * shape[4] * store.ElementSize;
            _valuesAt = Heads * _headBytes;
            _data = (nint)Kernel.Data(store) + (nint)(layer * 2 * _valuesAt);
        }

        public int Heads { get; }

        public byte* Keys(long head) => (byte*)_data + (head * _headBytes);

        public byte* Values(long head) => (byte*)_data + _valuesAt + (head * _headBytes);
    }
}
