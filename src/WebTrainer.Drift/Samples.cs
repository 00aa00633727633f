namespace WebTrainer.Drift;

/// <summary>What can't be compared is refused here, by a sentence that says which sample it is and what is wrong with it.</summary>
internal static class Samples
{
    /// <returns>Both samples in ascending order.</returns>
    public static (double[] Reference, double[] Current) Sorted(IReadOnlyList<double> reference, IReadOnlyList<double> current)
    {
        return (Sorted(reference, "reference"), Sorted(current, "window"));
    }

    /// <exception cref="NotComparableException">The sample is empty.</exception>
    public static void RequireSome<T>(IReadOnlyList<T> values, string name)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            throw new NotComparableException($"The {name} is empty; a comparison needs at least one value on each side.");
        }
    }

    private static double[] Sorted(IReadOnlyList<double> values, string name)
    {
        RequireSome(values, name);
        double[] sorted = [.. values];
        if (Array.FindIndex(sorted, value => !double.IsFinite(value)) is >= 0 and var place)
        {
            throw new NotComparableException(
                $"Value {place + 1} of the {name} is {sorted[place]}; leave out what isn't a finite number before comparing."
            );
        }

        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>How many values of a sorted sample are below a limit, or up to it.</summary>
    public static int CountBelow(double[] sorted, double limit, bool inclusive)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (sorted[middle] < limit || (inclusive && sorted[middle] == limit))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
