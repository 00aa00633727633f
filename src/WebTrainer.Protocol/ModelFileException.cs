namespace WebTrainer.Protocol;

/// <summary>A model, tokenizer or adapter file can't be used; the message says why in a sentence for the run's owner.</summary>
public sealed class ModelFileException : Exception
{
    public ModelFileException(string message) : base(message)
    {
    }

    public ModelFileException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <exception cref="ModelFileException">The file is missing or larger than <paramref name="maximumBytes"/>.</exception>
    public static void ThrowIfTooLarge(string path, long maximumBytes)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw new ModelFileException($"The file {file.Name} is missing from the folder {file.Directory?.Name}.");
        }

        if (file.Length > maximumBytes)
        {
            throw new ModelFileException($"{file.Name} has {file.Length} bytes; at most {maximumBytes} are read.");
        }
    }
}
