using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using WebTrainer.Data.Files;
using WebTrainer.Pipeline.Vectors;

namespace WebTrainer.Portal.Features.Datasets.Vectors;

/// <summary>Vectors that lie beside versions, a file for each encoder. Those looked at last stay in memory.</summary>
public sealed class VectorShelf(FileStore store)
{
    /// <summary>Versions whose vectors stay in memory; half a gigabyte each at most.</summary>
    private const int MostHeld = 3;

    private const string Ending = ".vectors-";
    private const string MapEnding = ".map";
    private const int NameCharacters = 12;
    private readonly ConcurrentDictionary<string, Lazy<Task<KeptVectors?>>> _held = new(StringComparer.Ordinal);

    /// <summary>Path of the vectors by an encoder, whether there are any or not.</summary>
    public string PathOf(string sha256, string encoder) =>
        store.PathOf(sha256) + Ending + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(encoder)))[..NameCharacters];

    /// <summary>Path of a version's map, whether there is one or not.</summary>
    public string MapOf(string sha256) => store.PathOf(sha256) + MapEnding;

    /// <summary>What is kept of a version, with the size of its file: models first, for they know more than the embedder of the
    /// program; each by name.</summary>
    public IReadOnlyList<(VectorHead Head, long Bytes)> Of(string sha256)
    {
        var beside = new DirectoryInfo(Path.GetDirectoryName(store.PathOf(sha256))!);
        return beside.Exists
            ?
            [
                .. beside
                    .EnumerateFiles(sha256 + Ending + "*")
                    .Select(file => (Head: VectorFile.Head(file.FullName), file.Length))
                    .Where(kept => kept.Head is not null)
                    .Select(kept => (kept.Head!, kept.Length))
                    .OrderBy(kept => kept.Item1.Source.Encoder == VectorSource.BuiltIn)
                    .ThenBy(kept => kept.Item1.Source.Encoder, StringComparer.Ordinal),
            ]
            : [];
    }

    /// <summary>Vectors of a version.</summary>
    /// <param name="encoder">Null for the best that are kept.</param>
    /// <returns>Null where none are kept.</returns>
    public async Task<KeptVectors?> ReadAsync(string sha256, string? encoder, CancellationToken cancellationToken)
    {
        if ((encoder ?? Best(sha256)) is not { } name)
        {
            return null;
        }

        var path = PathOf(sha256, name);
        if (!File.Exists(path))
        {
            return null;
        }

        // Made again they are another file: its time is part of what they are held under.
        var key = FormattableString.Invariant($"{path} {File.GetLastWriteTimeUtc(path).Ticks}");
        var held = _held.GetOrAdd(key, _ => new(() => Task.Run(() => VectorFile.Read(path))));
        foreach (var old in _held.Keys.Where(k => k != key).Take(Math.Max(0, _held.Count - MostHeld)))
        {
            _held.TryRemove(old, out _);
        }

        try
        {
            return await held.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (held.Value.IsFaulted)
        {
            _held.TryRemove(key, out _);
            throw;
        }
    }

    private string? Best(string sha256) => Of(sha256) is [var (head, _), ..] ? head.Source.Encoder : null;
}
