using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Names a model by everything that its answers depend on: the bytes of base and adapter, how they are kept, and the template.</summary>
internal static class ModelIdentity
{
    private static readonly string[] s_texts =
        ["config.json", "adapter_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "spiece.model", "vocab.json", "vocab.txt", "merges.txt", "added_tokens.json", "special_tokens_map.json"];

    /// <param name="folders">Base model, and adapter where there is one.</param>
    /// <returns>A file name.</returns>
    public static string Of(IEnumerable<string> folders, WeightPrecision precision, RunSpec spec, int contextTokens)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in folders.SelectMany(folder => Directory.GetFiles(folder).Where(IsRead).Order(StringComparer.Ordinal)))
        {
            using var stream = File.OpenRead(file);
            Add(hash, Path.GetFileName(file));
            hash.AppendData(SHA256.HashData(stream));
        }

        // Another kind of device rounds otherwise; threads don't matter to what is compared here.
        Add(hash, $"{precision} {contextTokens} {spec.Device.Split(':')[0]} {JsonSerializer.Serialize(spec.Template, ProtocolJson.Line)}");
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>Cards and other texts beside the weights are no part of the model.</summary>
    private static bool IsRead(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal) || s_texts.Contains(Path.GetFileName(path), StringComparer.Ordinal);

    private static void Add(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
}
