namespace WebTrainer.Protocol;

/// <summary>A model, tokenizer or adapter file can't be used; the message says why in a sentence for the run's owner.</summary>
public sealed class ModelFileException : Exception
{
    /// <summary>A file can't be used for a reason that is found here.</summary>
    /// <param name="message">Names the file and what to do, without a path of this machine.</param>
    public ModelFileException(string message)
        : base(message) { }

    /// <summary>A file can't be used because reading it failed.</summary>
    /// <param name="message">Names the file and what to do, without a path of this machine.</param>
    /// <param name="inner">What reading it failed by.</param>
    public ModelFileException(string message, Exception inner)
        : base(message, inner) { }

    /// <exception cref="ModelFileException">The file is missing or larger than <paramref name="maximumBytes"/>.</exception>
    public static void ThrowIfTooLarge(string path, long maximumBytes)
    {
        var link = new FileInfo(path);
        var file = LinkedFile.Of(path);
        if (file is not { Exists: true })
        {
            throw new ModelFileException(
                link.LinkTarget is null
                    ? $"The file {link.Name} is missing from the folder {link.Directory?.Name}."
                    : $"{link.Name} in the folder {link.Directory?.Name} is a link to a file that is not there."
            );
        }

        if (file.Length > maximumBytes)
        {
            throw new ModelFileException($"{link.Name} has {file.Length} bytes; at most {maximumBytes} are read.");
        }
    }
}
