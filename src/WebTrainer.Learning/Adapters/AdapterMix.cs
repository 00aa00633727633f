using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>Lets each row of a batch have an adapter of its own on one base: the base's products are shared, the changes are not.</summary>
public static class AdapterMix
{
    /// <summary>Attaches an adapter to each row, until the next call. With several, rows are single tokens, as in generation.</summary>
    /// <param name="model">Any adapter that was attached to it is taken off.</param>
    /// <param name="rows">Adapter of each row, null for the base as it is; one stands for any number of rows.</param>
    public static void Attach(ITunable model, IReadOnlyList<LoraAdapter?> rows)
    {
        var adapters = rows.Distinct().ToList();
        if (adapters is [var only])
        {
            if (only is null)
            {
                LoraAdapter.Detach(model);
            }
            else
            {
                only.Attach(model);
            }

            return;
        }

        foreach (var projection in model.Projections.Concat(model.StackedProjections))
        {
            projection.Update = MixedUpdate.Of(rows, projection.Name);
        }
    }
}

/// <summary>Changes of one linear map that hold for some rows each.</summary>
internal sealed class MixedUpdate : IWeightUpdate
{
    private readonly List<(long[] Rows, IWeightUpdate Update)> _parts;

    private MixedUpdate(List<(long[] Rows, IWeightUpdate Update)> parts) => _parts = parts;

    public IEnumerable<KeyValuePair<string, Tensor>> Tensors =>
        throw new NotSupportedException("A mix of adapters is for generation; it has nothing of its own to learn.");

    /// <returns>Null where no row's adapter changes the map.</returns>
    public static MixedUpdate? Of(IReadOnlyList<LoraAdapter?> rows, string name)
    {
        List<(long[] Rows, IWeightUpdate Update)> parts =
        [
            .. Enumerable
                .Range(0, rows.Count)
                .Where(row => rows[row]?.Updates.ContainsKey(name) == true)
                .GroupBy(row => rows[row]!)
                .Select(group => (group.Select(row => (long)row).ToArray(), group.Key.Updates[name])),
        ];
        return parts.Count == 0 ? null : new(parts);
    }

    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training)
    {
        foreach (var (rows, update) in _parts)
        {
            var index = tensor(rows, device: x.device);
            y = y.index_copy(0, index, update.Apply(projection, x.index_select(0, index), y.index_select(0, index), training));
        }

        return y;
    }

    public Tensor Lookup(Tensor ids, ScalarType type)
    {
        Tensor? all = null;
        foreach (var (rows, update) in _parts)
        {
            var index = tensor(rows, device: ids.device);
            var change = update.Lookup(ids.index_select(0, index), type); // [rows, width]
            all = (all ?? zeros([ids.shape[0], change.shape[1]], type, ids.device)).index_copy(0, index, change);
        }

        return all!;
    }

    public Tensor Merge(Tensor weight) => throw new NotSupportedException("A mix of adapters can't be merged into one weight.");

    /// <summary>The changes belong to their adapters.</summary>
    public void Dispose() { }
}
