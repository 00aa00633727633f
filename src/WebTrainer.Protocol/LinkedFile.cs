namespace WebTrainer.Protocol;

/// <summary>
/// A file that may be a symbolic link, as all files of a model are in a hub's cache (<c>snapshots/…/model.safetensors</c> to
/// <c>blobs/…</c>).
/// </summary>
public static class LinkedFile
{
    /// <summary>
    /// The file itself, whose <see cref="FileInfo.Length"/> is that of its content: a link's own is the length of the path it holds.
    /// </summary>
    /// <returns>Null where the link leads in a circle; one that doesn't exist where it leads nowhere, or to a folder.</returns>
    public static FileInfo? Of(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? new FileInfo(target.FullName) : new FileInfo(path);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
