using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Batching;

/// <summary>The run's data can't be used; the message says why in a sentence.</summary>
public sealed class DataException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Reads the files of a dataset snapshot after checking that they are the ones the spec means.</summary>
public static class DatasetReader
{
    /// <summary>A longer line is no row of text that a model could learn from.</summary>
    private const int MaximumLineCharacters = 16 << 20;

    /// <param name="file">Path and the SHA-256 that its bytes must have; lines are JSON objects.</param>
    /// <param name="cancellationToken">Looked at before each line.</param>
    /// <param name="unwanted">With the rows whose answer nobody wants, which most jobs must neither learn nor judge by.</param>
    /// <exception cref="DataException">The file is missing, was changed, or has a line that is no row.</exception>
    public static List<DatasetRow> ReadRows(DatasetFile file, CancellationToken cancellationToken, bool unwanted = false)
    {
        using var stream = OpenChecked(file);
        using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
        var rows = new List<DatasetRow>();
        for (var number = 1; ReadLine(reader, file, number) is { } line; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (line.Length > 0 && ParseRow(line, file, number) is var row && (unwanted || row.Desired != false))
            {
                rows.Add(row);
            }
        }

        return rows.Count > 0 ? rows
            : file.Rows > 0 && !unwanted
                ? throw new DataException($"All answers of {Name(file)} are marked as unwanted; only KTO learns from such.")
            : throw new DataException($"{Name(file)} has no rows.");
    }

    /// <exception cref="DataException">The file is missing, was changed, or is no UTF-8 text.</exception>
    public static string ReadText(DatasetFile file)
    {
        using var stream = OpenChecked(file);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <returns>The file's path, if it is the one the spec means.</returns>
    /// <exception cref="DataException">The file is missing or was changed.</exception>
    public static string Checked(DatasetFile file)
    {
        using var stream = OpenChecked(file);
        return file.Path;
    }

    private static FileStream OpenChecked(DatasetFile file)
    {
        if (!File.Exists(file.Path))
        {
            throw new DataException($"The dataset file {Name(file)} is missing.");
        }

        var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (!string.Equals(hash, file.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            stream.Dispose();
            throw new DataException(
                $"The dataset file {Name(file)} is not the one this run was made for: its SHA-256 differs from the spec's."
            );
        }

        stream.Position = 0;
        return stream;
    }

    private static string? ReadLine(StreamReader reader, DatasetFile file, int number)
    {
        var line = new StringBuilder();
        try
        {
            for (int character; (character = reader.Read()) >= 0; )
            {
                if (character == '\n')
                {
                    return line.ToString();
                }

                if (line.Length >= MaximumLineCharacters)
                {
                    throw new DataException($"Line {number} of {Name(file)} is longer than {MaximumLineCharacters} characters.");
                }

                line.Append((char)character);
            }
        }
        catch (DecoderFallbackException exception)
        {
            throw new DataException($"Line {number} of {Name(file)} is not valid UTF-8.", exception);
        }

        return line.Length == 0 ? null : line.ToString();
    }

    private static DatasetRow ParseRow(string line, DatasetFile file, int number)
    {
        DatasetRow? row;
        try
        {
            row = JsonSerializer.Deserialize<DatasetRow>(line, ProtocolJson.Line);
        }
        catch (JsonException exception)
        {
            throw new DataException($"Line {number} of {Name(file)} is not a row: {exception.Path ?? "malformed JSON"}.", exception);
        }

        if (
            row?.Messages is not [.., { Role: "assistant" }]
            || row.Messages.Any(message => message.Role is null || message.Content is null)
        )
        {
            throw new DataException(
                $"Line {number} of {Name(file)} is not a row: it must be a conversation that ends with an assistant message."
            );
        }

        return row;
    }

    private static string Name(DatasetFile file) => Path.GetFileName(file.Path);
}
