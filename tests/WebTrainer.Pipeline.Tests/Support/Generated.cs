using System.Globalization;

namespace WebTrainer.Pipeline.Tests.Support;

internal static class Generated
{
    /// <summary>Rows with labels <c>label0</c>, <c>label1</c>, … in turn.</summary>
    public static IEnumerable<CanonicalRow> Labelled(int rows, int labels) =>
        Enumerable
            .Range(0, rows)
            .Select(i =>
            {
                var label = string.Create(CultureInfo.InvariantCulture, $"label{i % labels}");
                return CanonicalRow.Create(
                    Id(i),
                    i + 1,
                    null,
                    string.Create(CultureInfo.InvariantCulture, $"Where is card number {i}, which I ordered last week?"),
                    label,
                    label
                );
            });

    public static string Id(int i) => i.ToString("x16", CultureInfo.InvariantCulture);
}
