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
        if (LinkedFile.Length(path) is not { } length)
        {
            throw new ModelFileException($"The file {Path.GetFileName(path)} is missing from the folder {Path.GetFileName(Path.GetDirectoryName(path))}.");
        }

        if (length > maximumBytes)
        {
            throw new ModelFileException($"{Path.GetFileName(path)} has {length} bytes; at most {maximumBytes} are read.");
        }
    }
}
