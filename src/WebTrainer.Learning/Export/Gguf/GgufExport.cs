using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Export;

/// <summary>
/// Writes a decoder as one GGUF file for llama.cpp and its kin, with its tokenizer and template, and a <c>Modelfile</c> for Ollama beside
/// it.
/// </summary>
public static class GgufExport
{
    /// <summary>The model's name in the folder.</summary>
    public const string FileName = "model.gguf";

    /// <param name="folder">Where both files go; made where it isn't there.</param>
    /// <param name="baseModel">A Hugging Face folder of a decoder.</param>
    /// <param name="adapter">PEFT folder that is merged into it; null for the model as it is.</param>
    /// <param name="weights">How its maps are written.</param>
    /// <param name="cancellationToken">Looked at between tensors.</param>
    /// <returns>What was written, and checked by reading the file anew.</returns>
    /// <exception cref="ModelFileException">llama.cpp would compute or read something else; the message says what.</exception>
    public static GgufReport Write(
        string folder,
        string baseModel,
        string? adapter,
        GgufWeights weights,
        CancellationToken cancellationToken
    )
    {
        using var source = new TunedWeights(baseModel, adapter, cancellationToken);
        var (config, family) = (source.Config, GgufFamily.Of(source.Config));
        var encoder = ConversationEncoder.Of(baseModel, PromptTemplate.Chat, config.ContextTokens);
        // Untuned, a base without a template has seen no conversations at all.
        var vocabulary = new GgufVocabulary(baseModel, config.VocabularySize, encoder, adapter is null ? null : encoder.MadeTemplate);
        var metadata = new GgufMetadata();
        metadata.Add("general.architecture", family.Architecture);
        metadata.Add("general.type", "model");
        metadata.Add("general.file_type", BlockFormats.FileTypeOf(weights));
        metadata.Add("general.quantization_version", 2u);
        GgufHyperparameters.Write(metadata, config, family);
        vocabulary.WriteTo(metadata);
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        var tensors = new GgufTensors(source, family).List(weights);
        var written = GgufWriter.Write(path, metadata, tensors, cancellationToken);
        Modelfile.Write(folder, vocabulary);
        return new()
        {
            Family = config.Type,
            Architecture = family.Architecture,
            Weights = weights,
            Bytes = new FileInfo(path).Length,
            Tensors = Check(path, metadata, tensors, written, cancellationToken),
            Formats = tensors.GroupBy(tensor => tensor.Format.Name).ToDictionary(group => group.Key, group => group.Count()),
            Tokens = vocabulary.Count,
            RelativeError = Math.Sqrt(written.Sum(tensor => tensor.Error) / Math.Max(double.Epsilon, written.Sum(tensor => tensor.Power))),
            Notes = [.. NotesOf(source, family, vocabulary, weights, tensors)],
        };
    }

    /// <summary>
    /// Reads the file anew: its keys and tensors are those that were meant, and each tensor's bytes those that were written.
    /// </summary>
    private static int Check(
        string path,
        GgufMetadata metadata,
        List<GgufTensor> tensors,
        List<WrittenTensor> written,
        CancellationToken cancellationToken
    )
    {
        var file = new GgufFile(path);
        if (file.Metadata.Count != metadata.Count || file.Tensors.Count != tensors.Count)
        {
            throw new ModelFileException(
                $"{FileName} has {file.Metadata.Count} keys and {file.Tensors.Count} tensors, not the {metadata.Count} and {tensors.Count} written."
            );
        }

        foreach (var ((meant, stored), hash) in tensors.Zip(file.Tensors).Zip(written.Select(tensor => tensor.Hash)))
        {
            if (
                stored.Name != meant.Name
                || !stored.Shape.AsSpan().SequenceEqual(meant.Shape)
                || file.HashOf(stored, cancellationToken) != hash
            )
            {
                throw new ModelFileException($"{FileName} has another tensor at the place of '{meant.Name}' than was written.");
            }
        }

        return tensors.Count;
    }

    private static IEnumerable<string> NotesOf(
        TunedWeights source,
        GgufFamily family,
        GgufVocabulary vocabulary,
        GgufWeights weights,
        List<GgufTensor> tensors
    )
    {
        var context = GgufHyperparameters.ContextOf(source.Config, family);
        if (context < source.Config.ContextTokens)
        {
            yield return $"The file's context is {context} tokens, the model's window: llama.cpp has no window in this family.";
        }

        if (vocabulary.ComposesText)
        {
            yield return "The tokenizer composes letters and their marks (NFC), and llama.cpp doesn't: texts that aren't composed get other tokens there.";
        }

        if (weights is GgufWeights.Q8 or GgufWeights.Q4 && tensors.Any(tensor => tensor.Format == BlockFormats.Float16))
        {
            yield return "Weights whose rows are no multiple of 32 numbers are in F16.";
        }

        if (!vocabulary.HasTemplate)
        {
            yield return "The model has no chat template, so the file has none.";
        }
    }
}
