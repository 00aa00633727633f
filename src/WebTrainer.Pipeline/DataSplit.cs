namespace WebTrainer.Pipeline;

/// <summary>What a row is for.</summary>
public enum DataSplit
{
    /// <summary>Learned from.</summary>
    Train,

    /// <summary>Watched while training; never learned from.</summary>
    Validation,

    /// <summary>Judged once, at the end.</summary>
    Test,
}

/// <summary>How splits are written in files and in the column <c>split</c>.</summary>
public static class DataSplitNames
{
    /// <summary>The name in files: <c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of the enumeration.</exception>
    public static string ToName(this DataSplit split) =>
        split switch
        {
            DataSplit.Train => "train",
            DataSplit.Validation => "validation",
            DataSplit.Test => "test",
            _ => throw new ArgumentOutOfRangeException(nameof(split), split, message: null),
        };

    /// <exception cref="FormatException">The name is none of train, validation, test.</exception>
    public static DataSplit Parse(string name) =>
        name switch
        {
            "train" => DataSplit.Train,
            "validation" => DataSplit.Validation,
            "test" => DataSplit.Test,
            _ => throw new FormatException($"'{name}' is no split."),
        };
}
