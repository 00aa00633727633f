using System.Globalization;
using System.Security.Cryptography;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>
/// Which rows of a query were fetched by the sync before, and which stand at the end of this one. The next sync asks for rows from the last
/// value on, not above it: a row may be written late with the very value that was the last. Those that were fetched already are known by
/// their hashes.
/// </summary>
/// <param name="before">Where the last sync ended; null for the first.</param>
internal sealed class CursorRows(SqlCursor? before)
{
    /// <summary>Rows with the last value that are remembered; beyond, the next sync asks for what lies above it.</summary>
    public const int MaxRemembered = 10_000;

    private const int HashBytes = 12;
    private const CompareOptions AsCollationsDo =
        CompareOptions.IgnoreCase | CompareOptions.IgnoreNonSpace | CompareOptions.IgnoreWidth | CompareOptions.IgnoreKanaType;

    /// <summary>How often each was fetched: a query may give equal rows.</summary>
    private readonly Dictionary<string, int> _fetched = (before?.Rows ?? []).CountBy(hash => hash).ToDictionary();
    private readonly List<string> _atEnd = [];
    private SqlCursor? _last;

    /// <summary>Where this sync ended; null where no row had a value.</summary>
    public SqlCursor? Last => _last is null ? null : _last with { Rows = _atEnd.Count > MaxRemembered ? null : [.. _atEnd] };

    /// <summary>Notes a row, in the order of the cursor.</summary>
    /// <param name="value">The cursor's value.</param>
    /// <param name="line">The row as it is kept.</param>
    /// <returns>Whether the sync before fetched it.</returns>
    public bool WasFetched(object value, ReadOnlySpan<byte> line)
    {
        var hash = Convert.ToBase64String(SHA256.HashData(line).AsSpan(0, HashBytes));
        var cursor = SqlCursor.Of(value);
        if (_last is null || !IsEqual(_last, cursor))
        {
            _atEnd.Clear();
        }

        _last = cursor;
        if (_atEnd.Count <= MaxRemembered)
        {
            _atEnd.Add(hash);
        }

        if (!_fetched.TryGetValue(hash, out var times) || times == 0)
        {
            return false;
        }

        _fetched[hash] = times - 1;
        return true;
    }

    /// <summary>
    /// Databases may hold texts for equal that differ in case, accents or spaces at the end; taking two for equal that are not costs only a
    /// longer list.
    /// </summary>
    private static bool IsEqual(SqlCursor x, SqlCursor y) =>
        x.Type == y.Type && CultureInfo.InvariantCulture.CompareInfo.Compare(x.Text.TrimEnd(), y.Text.TrimEnd(), AsCollationsDo) == 0;
}
