using System.Security.Cryptography;

namespace WebTrainer.Proof;

/// <summary>Keeps the keys of a log in a file that its owner alone reads (mode 0600).</summary>
public static class ProofKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <exception cref="IOException">It can't be read; <see cref="FileNotFoundException"/> where it is not there.</exception>
    /// <exception cref="CryptographicException">It holds no such keys, or others may read it.</exception>
    public static ProofKeys Open(string path)
    {
        var text = File.ReadAllText(path);
        if ((File.GetUnixFileMode(path) & ~OwnerOnly) != UnixFileMode.None)
        {
            throw new CryptographicException($"Others than its owner may open the file of keys {path}. Set its mode to 0600.");
        }

        return ProofKeys.Parse(text);
    }

    /// <summary>Makes new keys and their file, whole or not at all; never writes over one that is there.</summary>
    /// <exception cref="IOException">There is one, or it can't be written.</exception>
    public static ProofKeys Create(string path)
    {
        var keys = ProofKeys.Create();
        var half = $"{path}.{Guid.NewGuid():N}";
        using (
            var file = new FileStream(
                half,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = OwnerOnly,
                }
            )
        )
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(keys.ToPem()));
            file.Flush(flushToDisk: true);
        }

        File.Move(half, path, overwrite: false);
        return keys;
    }
}
