namespace WebTrainer.Data;

/// <summary>The one folder that holds all that must last.</summary>
/// <param name="Root">Absolute path.</param>
public sealed record DataFolder(string Root)
{
    public string Database => Path.Combine(Root, "webtrainer.db");

    /// <summary>Immutable files by their SHA-256.</summary>
    public string Files => Path.Combine(Root, "files");

    /// <summary>Uploads that have not fully arrived, by upload id.</summary>
    public string Uploads => Path.Combine(Root, "uploads");

    /// <summary>Run folders by job id.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>Base models that were added on this server, each a Hugging Face folder.</summary>
    public string Models => Path.Combine(Root, "models");

    /// <summary>Answers that models gave in evaluations, by model; only saves asking again.</summary>
    public string Answers => Path.Combine(Root, "answers");

    /// <summary>What became of requests to endpoints, a folder an endpoint.</summary>
    public string Traffic => Path.Combine(Root, "traffic");

    /// <summary>Keys that sign cookies.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>Keys and signed heads of the audit log, where no setting puts them elsewhere.</summary>
    public string Audit => Path.Combine(Root, "audit");

    /// <summary>Holds room on the disk that is given up when it is full, so that people can still sign in and make room.</summary>
    public string Reserve => Path.Combine(Root, "reserve");

    /// <summary>Work in progress; emptied at start.</summary>
    public string Temporary => Path.Combine(Root, "tmp");

    public string RunFolderOf(Guid jobId) => Path.Combine(Runs, jobId.ToString("N"));

    /// <summary>Makes what is missing and throws away half-made files of a process that was killed.</summary>
    /// <exception cref="IOException">The folder can't be written.</exception>
    public void Prepare()
    {
        if (Directory.Exists(Temporary))
        {
            Directory.Delete(Temporary, recursive: true);
        }

        foreach (var folder in (string[])[Root, Files, Uploads, Runs, Models, Answers, Traffic, Keys, Audit, Temporary])
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
