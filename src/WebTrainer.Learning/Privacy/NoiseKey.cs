using System.Security.Cryptography;

namespace WebTrainer.Learning.Privacy;

/// <summary>
/// The secret key of a run's noise: made at its begin, kept beside its checkpoints so that it goes on with the same noise, and gone at its
/// end. Only the account that the worker runs under may read it.
/// </summary>
internal static class NoiseKey
{
    private const string Name = "noise.key";

    /// <returns>The folder's key; a new one where it has none.</returns>
    public static byte[] Of(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (File.Exists(path))
        {
            return File.ReadAllBytes(path) is { Length: PrivateRandom.KeyBytes } kept
                ? kept
                : throw new InvalidDataException("The key of the run's noise is damaged: the run can't go on, submit it anew.");
        }

        Directory.CreateDirectory(folder);
        var key = RandomNumberGenerator.GetBytes(PrivateRandom.KeyBytes);
        var temporary = path + ".tmp";
        File.Delete(temporary);
        using (
            var file = new FileStream(
                temporary,
                new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                }
            )
        )
        {
            file.Write(key);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path);
        return key;
    }

    /// <summary>Nobody draws the run's noise again.</summary>
    public static void Forget(string folder)
    {
        if (Path.Combine(folder, Name) is var path && File.Exists(path))
        {
            File.Delete(path);
        }
    }
}
