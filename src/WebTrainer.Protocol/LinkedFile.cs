namespace WebTrainer.Protocol;

/// <summary>Files that may be links, as in folders that the ecosystem's own tools keep: .NET gives a link's own length, not its target's.</summary>
public static class LinkedFile
{
    /// <returns>Bytes of the file at the end of all links; null where there is none.</returns>
    public static long? Length(string path)
    {
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        return target is { Exists: true } ? target.Length : null;
    }
}
