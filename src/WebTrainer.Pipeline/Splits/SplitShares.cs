namespace WebTrainer.Pipeline.Splits;

/// <summary>How large validation and test are, as shares of all rows from 0 to 1; the rest is for training.</summary>
public sealed record SplitShares
{
    /// <exception cref="ArgumentOutOfRangeException">A share is negative, or nothing is left to train on.</exception>
    public SplitShares(double validation, double test)
    {
        if (double.IsNaN(validation) || validation < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(validation));
        }

        if (double.IsNaN(test) || test < 0 || validation + test >= 1)
        {
            throw new ArgumentOutOfRangeException(nameof(test));
        }

        Validation = validation;
        Test = test;
    }

    /// <summary>The split to which a hash belongs: hashes are even, so each split gets its share of many.</summary>
    internal DataSplit Of(UInt128 hash)
    {
        var place = (double)hash / (double)UInt128.MaxValue;
        if (place < Test)
        {
            return DataSplit.Test;
        }

        return place < Test + Validation ? DataSplit.Validation : DataSplit.Train;
    }

    /// <summary>Share of all rows to watch training by, from 0 to below 1.</summary>
    public double Validation { get; }

    /// <summary>Share of all rows to judge by at the end, from 0 to below 1.</summary>
    public double Test { get; }
}
