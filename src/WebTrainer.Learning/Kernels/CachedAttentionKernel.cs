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
    /// <param name="keys">Contiguous <c>[rows, width, kv heads, head]</c>, as the values.</param>
    public static void Store(CachedPass pass, int layer, Tensor keys, Tensor values)
    {
        var (heads, bytes) = (keys.shape[2], keys.shape[3] * keys.ElementSize);
        var (k, v) = ((nint)Kernel.Data(keys), (nint)Kernel.Data(values));
        for (var row = 0; row < pass.Counts.Length; row++)
        {
            var place = new Place(pass.Sequences[row], layer);
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

    /// <param name="queries">Contiguous <c>[rows, width, heads, head]</c>.</param>
    /// <returns>As the queries.</returns>
    public static Tensor Attend(CachedPass pass, int layer, Tensor queries, double scale, int window)
    {
        var result = zeros_like(queries, requires_grad: false);
        if (queries.dtype == ScalarType.Float32)
        {
            Attend<Float32Element>(pass, layer, queries, result, (float)scale, window);
        }
        else
        {
            Attend<BFloat16Element>(pass, layer, queries, result, (float)scale, window);
        }

        return result;
    }

    private static void Attend<T>(CachedPass pass, int layer, Tensor queries, Tensor result, float scale, int window)
        where T : IElement
    {
        var (q, y) = ((nint)Kernel.Data(queries), (nint)Kernel.Data(result));
        var (heads, size) = ((int)queries.shape[2], (int)queries.shape[3]);
        Place[] places = [.. pass.Sequences.Select(sequence => new Place(sequence, layer))];
        var groups = places[0].Heads;
        var longest = pass.Past.Max() + pass.Width;
        Kernel.Rows(
            (long)places.Length * groups,
            (long)pass.Width * longest * size * heads / groups,
            (_, begin, end) =>
            {
                var weights = new float[longest + Kernel.Lanes];
                var query = stackalloc float[size];
                for (var task = begin; task < end; task++)
                {
                    var (row, group) = ((int)(task / groups), (int)(task % groups));
                    var place = places[row];
                    for (var t = 0; t < pass.Counts[row]; t++)
                    {
                        var (cached, own) = pass.FirstSeen(row, t, window);
                        for (var head = group * heads / groups; head < (group + 1) * heads / groups; head++)
                        {
                            var at = ((((long)row * pass.Width) + t) * heads + head) * size;
                            Spread<T>((byte*)q, at, query, size, scale);
                            Mix<T>(
                                query,
                                place.Keys(group),
                                place.Values(group),
                                new Columns(cached, pass.Past[row], own, pass.Past[row] + t + 1),
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
    private sealed record Columns(int Cached, int CachedEnd, int New, int NewEnd)
    {
        public int Count => CachedEnd - Cached + NewEnd - New;
    }

    private static void Spread<T>(byte* q, long at, float* query, int size, float scale)
        where T : IElement
    {
        for (var i = 0; i < size; i += Kernel.Lanes)
        {
            (T.Load(q, at + i) * scale).Store(query + i);
        }
    }

    private static void Mix<T>(float* query, byte* keys, byte* values, Columns columns, float[] weights, byte* y, long at, int size)
        where T : IElement
    {
        fixed (float* w = weights)
        {
            Score<T>(query, keys, columns.Cached, columns.CachedEnd, w, size);
            var split = columns.CachedEnd - columns.Cached;
            Score<T>(query, keys, columns.New, columns.NewEnd, w + split, size);
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

        public Place(CachedSequence sequence, int layer)
        {
            var store = sequence.Store;
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
