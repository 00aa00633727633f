using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Protocol;

/// <summary>Which model a folder holds, whatever it is called: the hash of the files that are read of it.</summary>
public static class ModelHash
{
    /// <summary>What decides how a conversation is written and where an answer ends; hashes of before that was noted lack them.</summary>
    private static readonly string[] s_turns = ["chat_template.jinja", "generation_config.json"];

    private static readonly string[] s_texts =
    [
        "config.json",
        "adapter_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "tokenizer.model",
        "spiece.model",
        "vocab.json",
        "vocab.txt",
        "merges.txt",
        "added_tokens.json",
        "special_tokens_map.json",
        ConfirmedKeys.FileName,
        .. s_turns,
    ];

    /// <returns>Lower-case hex of a SHA-256.</returns>
    /// <exception cref="IOException">A file can't be read.</exception>
    public static string Of(string folder) => Of(FilesOf(folder));

    private static string Of(IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Weights, configuration and tokenizer, in their order; cards and other texts beside them are no part of the model.</summary>
    public static IReadOnlyList<string> FilesOf(string folder) =>
        [.. Directory.GetFiles(folder).Where(IsRead).Order(StringComparer.Ordinal)];

    /// <summary>Refuses a folder that holds another model than was meant.</summary>
    /// <param name="folder">The model's.</param>
    /// <param name="sha256">As it was when the run was submitted; null for specs of before it was noted.</param>
    /// <param name="what">How the sentence calls it.</param>
    /// <exception cref="ModelFileException">It is another one.</exception>
    public static void Check(string folder, string? sha256, string what)
    {
        if (sha256 is not null && !IsOf(folder, sha256))
        {
            throw new ModelFileException(
                $"The files of {what} '{Path.GetFileName(folder)}' are not those that were approved: they were replaced or damaged since. Submit the run again with the model that is there now."
            );
        }
    }

    /// <summary>Whether the folder holds the model of this hash.</summary>
    public static bool IsOf(string folder, string sha256) =>
        Of(folder) == sha256 || Of(FilesOf(folder).Where(file => !s_turns.Contains(Path.GetFileName(file)))) == sha256;

    private static bool IsRead(string path) =>
        path.EndsWith(".safetensors", StringComparison.Ordinal) || s_texts.Contains(Path.GetFileName(path), StringComparer.Ordinal);
}
