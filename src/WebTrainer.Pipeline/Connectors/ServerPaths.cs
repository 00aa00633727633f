namespace WebTrainer.Pipeline.Connectors;

/// <summary>Paths on this server that people typed, held to the folders that the administrator allows.</summary>
internal static class ServerPaths
{
    /// <returns>The path with all links followed.</returns>
    /// <exception cref="DataProblemException">It lies elsewhere, or isn't there; both say the same, so that nobody learns what is
    /// there.</exception>
    public static string Resolve(ConnectorOptions options, string path)
    {
        if (options.Folders.Count == 0)
        {
            throw new DataProblemException(
                "No folder of this server may be read. An administrator names them in the setting Sources:Folders."
            );
        }

        var refusal = new DataProblemException(
            $"'{path}' is not in a folder of this server that may be read: {string.Join(", ", options.Folders)}."
        );
        if (string.IsNullOrWhiteSpace(path) || !Path.IsPathFullyQualified(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw refusal;
        }

        var real = Real(Path.GetFullPath(path));
        if (
            real is null
            || !options.Folders.Any(f =>
                Real(Path.GetFullPath(f)) is { } root
                && (real == root || real.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            )
        )
        {
            throw refusal;
        }

        return real;
    }

    /// <summary>Follows links in every part of a path; null where a part isn't there.</summary>
    private static string? Real(string path)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var part in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            if (!info.Exists)
            {
                return null;
            }

            if (info.ResolveLinkTarget(returnFinalTarget: true) is { } target)
            {
                real = target.Exists ? Real(target.FullName) ?? "" : "";
            }

            if (real.Length == 0)
            {
                return null;
            }
        }

        return real;
    }
}
