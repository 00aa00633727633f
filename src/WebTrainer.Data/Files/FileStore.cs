using System.Security.Cryptography;

namespace WebTrainer.Data.Files;

/// <summary>Immutable files by the SHA-256 of their bytes. The same bytes are kept once; a user's name is never a path.</summary>
public sealed class FileStore(DataFolder folder)
{
    private const int HexLength = 64;
    private const int CopyBufferBytes = 1 << 20;

    /// <summary>The usual way of matching takes <c>name</c> for one of <c>name.*</c>.</summary>
    private static readonly EnumerationOptions s_asWritten = new() { MatchType = MatchType.Simple };

    /// <summary>A new empty place to write a file to before it is added; the caller's own until then.</summary>
    public string NewTemporaryPath() => Path.Combine(folder.Temporary, Guid.CreateVersion7().ToString("N"));

    /// <summary>Takes a finished file into the store by moving it, and gives its hash.</summary>
    public async Task<string> AddAsync(string path, CancellationToken cancellationToken)
    {
        string sha256;
        await using (
            var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, CopyBufferBytes, useAsync: true)
        )
        {
            sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
            stream.Flush(flushToDisk: true);
        }

        var target = PathOf(sha256);
        if (File.Exists(target))
        {
            File.Delete(path);
            return sha256;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(path, target);
        return sha256;
    }

    /// <summary>Bytes of what was made of a stored file and lies beside it under its name and an ending, such as an index.</summary>
    public long BytesBeside(string sha256)
    {
        var around = new DirectoryInfo(Path.GetDirectoryName(PathOf(sha256))!);
        return around.Exists ? around.EnumerateFiles(sha256 + ".*", s_asWritten).Sum(file => file.Length) : 0;
    }

    /// <summary>Absolute path of a stored file.</summary>
    /// <exception cref="ArgumentException">Not a SHA-256 in lower-case hex.</exception>
    public string PathOf(string sha256)
    {
        if (sha256.Length != HexLength || !sha256.All(char.IsAsciiHexDigitLower))
        {
            throw new ArgumentException("Not a SHA-256 in lower-case hex.", nameof(sha256));
        }

        return Path.Combine(folder.Files, sha256[..2], sha256);
    }
}
