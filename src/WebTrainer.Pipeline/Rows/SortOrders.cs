namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// The whole order of versions that were sorted, so that a page deep in a sorted version costs no second sorting. The oldest go when there
/// are too many.
/// </summary>
internal sealed class SortOrders
{
    /// <summary>Rows of all orders together: 64 MiB.</summary>
    private const long MaxRows = 16 * 1024 * 1024;
    private readonly Lock _gate = new();
    private readonly List<(Key Key, int[] Places)> _orders = [];

    /// <summary>The row numbers of a version in this order; null where they are not kept.</summary>
    public int[]? Find(Key key)
    {
        lock (_gate)
        {
            var place = _orders.FindIndex(order => order.Key == key);
            if (place < 0)
            {
                return null;
            }

            var found = _orders[place];
            _orders.RemoveAt(place);
            _orders.Add(found);
            return found.Places;
        }
    }

    public void Keep(Key key, int[] places)
    {
        lock (_gate)
        {
            _orders.RemoveAll(order => order.Key == key);
            _orders.Add((key, places));
            while (_orders.Count > 1 && _orders.Sum(order => (long)order.Places.Length) > MaxRows)
            {
                _orders.RemoveAt(0);
            }
        }
    }

    /// <param name="Written">When the file was written: another file at the same path is another version.</param>
    internal sealed record Key(string Version, DateTime Written, RowSort Sort, bool Descending);
}
