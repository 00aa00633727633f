using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Evaluation;

/// <summary>
/// Names a model by everything that its answers depend on: the bytes of base and adapter, how they are kept, and the template.
/// </summary>
internal static class ModelIdentity
{
    /// <param name="folders">Base model, and adapter where there is one.</param>
    /// <param name="precision">How the weights are kept, which changes answers.</param>
    /// <param name="spec">Gives the template and the kind of device.</param>
    /// <param name="contextTokens">By which long prompts are cut.</param>
    /// <returns>A file name.</returns>
    public static string Of(IEnumerable<string> folders, WeightPrecision precision, EvaluateSpec spec, int contextTokens)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in folders.SelectMany(ModelHash.FilesOf))
        {
            using var stream = File.OpenRead(file);
            Add(hash, Path.GetFileName(file));
            hash.AppendData(SHA256.HashData(stream));
        }

        // Another kind of device rounds otherwise; threads don't matter to what is compared here.
        Add(hash, $"{precision} {contextTokens} {spec.Device.Split(':')[0]} {JsonSerializer.Serialize(spec.Template, ProtocolJson.Line)}");
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static void Add(IncrementalHash hash, string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\n"));
}
