using System.Collections.Concurrent;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>Hashes of the server's models. Their files are gigabytes: each is read once, until one of its files changes.</summary>
public sealed class ModelHashes
{
    private readonly ConcurrentDictionary<string, (string Stamp, string Sha256)> _known = new(StringComparer.Ordinal);

    /// <summary>
    /// The SHA-256 of the files that are read of a model (<see cref="ModelHash"/>), made anew where the length or time of one has changed.
    /// </summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    public string Of(BaseModel model)
    {
        var stamp = string.Join('\n', ModelHash.FilesOf(model.Path).Select(Stamp));
        if (!_known.TryGetValue(model.Path, out var known) || known.Stamp != stamp)
        {
            _known[model.Path] = known = (stamp, ModelHash.Of(model.Path));
        }

        return known.Sha256;
    }

    private static string Stamp(string path) =>
        LinkedFile.Of(path) is { Exists: true } file ? $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}" : path;
}
