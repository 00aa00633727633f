namespace WebTrainer.Pipeline;

/// <summary>The data is at fault, not the program: the message is a whole sentence for the person who gave the file.</summary>
public sealed class DataProblemException : Exception
{
    /// <param name="message">Says what is wrong and, where it can, what to do.</param>
    /// <param name="line">Line of the source file, counted from 1; null where the whole file is meant.</param>
    /// <param name="cause">What was caught, for the log; people see the message alone.</param>
    public DataProblemException(string message, long? line = null, Exception? cause = null)
        : base(message, cause) => Line = line;

    /// <summary>Line of the source file, counted from 1; null where the whole file is meant.</summary>
    public long? Line { get; }
}
