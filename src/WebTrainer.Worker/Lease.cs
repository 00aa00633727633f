namespace WebTrainer.Worker;

/// <summary>The exclusive right to work on a run: an open file that the system closes when the process ends, however it ends.</summary>
internal static class Lease
{
    /// <returns>Null when another living process holds it.</returns>
    public static FileStream? TryTake(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }
}
