namespace WebTrainer.Pipeline.Export;

/// <summary>Where a row came from, and whether it is in the version that is exported.</summary>
/// <param name="File">Name of the file that was uploaded or fetched; null where people or a program wrote the row here.</param>
/// <param name="FileSha256">Of its bytes as they were read.</param>
/// <param name="Line">Line of the file, from 1; 0 where there is none.</param>
/// <param name="Version">The version that holds it, or the one whose recipe set it aside.</param>
/// <param name="Step">Number and name of the step that set it aside; null for rows that the version holds.</param>
/// <param name="Reason">Why it was set aside, in a sentence.</param>
/// <param name="Twin">Id of the row that stands for it.</param>
public sealed record RowOrigin(string? File, string? FileSha256, long Line, string Version, string? Step, string? Reason, string? Twin)
{
    /// <summary>Whether a step set it aside, so that the version holds it no more.</summary>
    public bool IsSetAside => Step is not null;
}

/// <summary>A file that rows of a version may have come from.</summary>
public sealed record OriginFile(string Name, string Sha256);

/// <summary>Rows that the recipe of a cleaned version set aside.</summary>
/// <param name="List">Path of the list.</param>
/// <param name="Cleaned">Path of the version that was cleaned, in which the rows still stand.</param>
/// <param name="Version">Name of the version that the recipe made.</param>
/// <param name="Steps">Names of its steps, in their order.</param>
public sealed record OriginAside(string List, string Cleaned, string Version, IReadOnlyList<string> Steps);

/// <summary>All from which the origins of a version's rows can be told.</summary>
/// <param name="Version">Its name.</param>
/// <param name="Files">Files that its rows came from, the likeliest first.</param>
/// <param name="SetAside">Rows set aside on the way to it, the latest first.</param>
public sealed record VersionOrigins(string Version, IReadOnlyList<OriginFile> Files, IReadOnlyList<OriginAside> SetAside);
