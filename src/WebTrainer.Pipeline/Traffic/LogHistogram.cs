using System.Globalization;
using System.Text;

namespace WebTrainer.Pipeline.Traffic;

/// <summary>
/// Counts of positive values in buckets whose bounds grow by a fixed ratio, so that any two can be added and each quantile is known to
/// within half a bucket (the idea of DDSketch, Masson et al., VLDB 2019).
/// </summary>
public sealed class LogHistogram
{
    /// <summary>Upper over lower bound of a bucket: a quantile is at most 2.5 % from the true one.</summary>
    public const double Ratio = 1.05;

    private const double Least = 0.01;
    private static readonly double s_log = Math.Log(Ratio);
    private readonly SortedDictionary<int, long> _counts = [];

    /// <summary>Values that were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a value; what is below 0.01 counts as that.</summary>
    public void Add(double value, long times = 1) => AddTo((int)Math.Floor(Math.Log(Math.Max(value, Least)) / s_log), times);

    /// <summary>Adds all of another.</summary>
    public void Add(LogHistogram other)
    {
        foreach (var (bucket, count) in other._counts)
        {
            AddTo(bucket, count);
        }
    }

    /// <summary>The value below which this share of all lies: the middle of its bucket.</summary>
    /// <param name="share">Above 0, at most 1.</param>
    /// <returns>Null where nothing was added.</returns>
    public double? Quantile(double share)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        var passed = 0L;
        foreach (var (bucket, count) in _counts)
        {
            passed += count;
            if (passed >= rank)
            {
                return Math.Exp((bucket + 0.5) * s_log);
            }
        }

        return null;
    }

    /// <summary>Middle of each bucket with its count, the smallest first.</summary>
    public IEnumerable<(double Value, long Count)> Buckets() => _counts.Select(pair => (Math.Exp((pair.Key + 0.5) * s_log), pair.Value));

    /// <summary>As <c>bucket:count</c>, parted by spaces.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (bucket, count) in _counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? " " : "")}{bucket}:{count}");
        }

        return text.ToString();
    }

    /// <summary>Reads what <see cref="ToString"/> has written.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static LogHistogram Parse(string text)
    {
        var histogram = new LogHistogram();
        foreach (var part in text.AsSpan().Split(' '))
        {
            var pair = text.AsSpan(part);
            if (pair.IsEmpty)
            {
                continue;
            }

            var colon = pair.IndexOf(':');
            histogram.AddTo(
                int.Parse(pair[..Math.Max(0, colon)], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
                long.Parse(pair[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture)
            );
        }

        return histogram;
    }

    private void AddTo(int bucket, long times)
    {
        _counts[bucket] = _counts.GetValueOrDefault(bucket) + times;
        Count += times;
    }
}
