using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>
/// What a trained classifier needs beside its weights: its labels, and which part of a conversation it reads. PEFT's files have no place
/// for either.
/// </summary>
/// <param name="Classifier">Kind, labels in the order of the head's scores, and what else the run asked for.</param>
/// <param name="Input">Which part of a conversation is the text.</param>
/// <param name="MaximumTokens">Tokens that are read of a text.</param>
public sealed record ClassifierFile(ClassifierSpec Classifier, ClassifierInput Input, int MaximumTokens)
{
    private const string Name = "classifier.json";
    private const long MaximumBytes = 16L << 20;

    /// <summary>Writes <c>classifier.json</c> into the folder, whole or not at all.</summary>
    public void Write(string folder) =>
        AtomicFile.WriteAllText(Path.Combine(folder, Name), JsonSerializer.Serialize(this, ProtocolJson.Document));

    /// <returns>Null where the folder has none.</returns>
    /// <exception cref="ModelFileException">It can't be read.</exception>
    public static ClassifierFile? Find(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            return null;
        }

        ModelFileException.ThrowIfTooLarge(path, MaximumBytes);
        try
        {
            return
                JsonSerializer.Deserialize<ClassifierFile>(File.ReadAllBytes(path), ProtocolJson.Document)
                    is { Classifier: { Labels: not null }, Input: not null } file
                ? file
                : throw new ModelFileException($"{Name} lacks its labels.");
        }
        catch (JsonException exception)
        {
            throw new ModelFileException($"{Name} can't be read: {exception.Message}", exception);
        }
    }
}
