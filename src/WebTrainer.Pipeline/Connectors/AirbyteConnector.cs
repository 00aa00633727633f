using System.Diagnostics;
using System.Text.Json.Nodes;
using WebTrainer.Pipeline.Import;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>Any Airbyte source: a program that the administrator named, or a file with what one wrote.</summary>
/// <remarks>Programs are started without a shell, with an empty environment but for PATH, and are killed with all they started when a sync
/// is stopped.</remarks>
public sealed class AirbyteConnector(ConnectorOptions options, ImportLimits limits) : IConnector
{
    private const int MaxErrorCharacters = 300;

    /// <inheritdoc/>
    public string? Fault(SourceSettings settings)
    {
        if (settings.Command.Length > 0)
        {
            return options.AirbyteCommands.ContainsKey(settings.Command)
                ? null
                : $"'{settings.Command}' is not among this server's Airbyte programs. An administrator names them in the setting Sources:AirbyteCommands.";
        }

        try
        {
            _ = ServerPaths.Resolve(options, settings.Path);
            return null;
        }
        catch (DataProblemException e)
        {
            return settings.Path.Length == 0
                ? "Choose one of the server's Airbyte programs, or write the path of a file of messages."
                : e.Message;
        }
    }

    /// <inheritdoc/>
    public async Task<string> TestAsync(SourceSettings settings, SourceSecret secret, CancellationToken cancellationToken)
    {
        if (Fault(settings) is { } fault)
        {
            throw new DataProblemException(fault);
        }

        if (settings.Command.Length == 0)
        {
            return "The file is there.";
        }

        using var folder = new Storage.ScratchFolder(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N")));
        using var messages = new AirbyteMessages(Stream.Null, settings.Stream);
        await RunAsync(
            settings,
            ["check", "--config", await ConfigAsync(secret, folder.Path, cancellationToken)],
            folder.Path,
            messages,
            null,
            cancellationToken
        );
        return messages.Status switch
        {
            { Succeeded: true } => "The source can be reached.",
            { Message: var why } => throw new DataProblemException($"The source can't be reached: {why}"),
            null => throw new DataProblemException("The program did not say whether it can reach its source."),
        };
    }

    /// <inheritdoc/>
    /// <remarks>A source that tells its state adds to what came before, all others replace it.</remarks>
    public async Task<Fetched> FetchAsync(
        SourceSettings settings,
        SourceSecret secret,
        string? state,
        string folder,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (Fault(settings) is { } fault)
        {
            throw new DataProblemException(fault);
        }

        var path = Path.Combine(folder, "records.jsonl");
        await using var records = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        using var messages = new AirbyteMessages(records, settings.Stream);
        if (settings.Command.Length > 0)
        {
            await ReadProgramAsync(settings, secret, state, folder, messages, progress, cancellationToken);
        }
        else
        {
            await ReadFileAsync(ServerPaths.Resolve(options, settings.Path), messages, progress, cancellationToken);
        }

        FetchedFile[] files =
            messages.Records == 0 ? [] : [new FetchedFile(path, $"{(settings.Stream.Length > 0 ? settings.Stream : "records")}.jsonl")];
        return new Fetched(files, messages.State ?? state, Adds: messages.State is not null);
    }

    private async Task ReadProgramAsync(
        SourceSettings settings,
        SourceSecret secret,
        string? state,
        string folder,
        AirbyteMessages messages,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var config = await ConfigAsync(secret, folder, cancellationToken);
        using var described = new AirbyteMessages(Stream.Null, settings.Stream);
        await RunAsync(settings, ["discover", "--config", config], folder, described, null, cancellationToken);
        var catalog = await WriteAsync(folder, "catalog.json", Catalog(described.Streams, settings.Stream), cancellationToken);
        List<string> arguments = ["read", "--config", config, "--catalog", catalog];
        if (state is not null)
        {
            arguments.AddRange(["--state", await WriteAsync(folder, "state.json", state, cancellationToken)]);
        }

        await RunAsync(settings, arguments, folder, messages, progress, cancellationToken);
    }

    /// <summary>Asks for one stream, for what is new in it where the source can tell.</summary>
    private static string Catalog(JsonArray? streams, string name)
    {
        if (streams is null || streams.Count == 0)
        {
            throw new DataProblemException("The source has no stream.");
        }

        var stream = name.Length == 0 ? streams[0] : streams.FirstOrDefault(s => (string?)s?["name"] == name);
        if (stream is null)
        {
            throw new DataProblemException(
                $"The source has no stream '{name}', but {string.Join(", ", streams.Select(s => (string?)s?["name"]))}."
            );
        }

        var incremental = stream["supported_sync_modes"] is JsonArray modes && modes.Any(m => (string?)m == "incremental");
        var configured = new JsonObject
        {
            ["stream"] = stream.DeepClone(),
            ["sync_mode"] = incremental ? "incremental" : "full_refresh",
            ["destination_sync_mode"] = "append",
        };
        if (stream["default_cursor_field"] is JsonArray { Count: > 0 } cursor)
        {
            configured["cursor_field"] = cursor.DeepClone();
        }

        if (stream["source_defined_primary_key"] is { } key)
        {
            configured["primary_key"] = key.DeepClone();
        }

        return new JsonObject { ["streams"] = new JsonArray(configured) }.ToJsonString();
    }

    private async Task RunAsync(
        SourceSettings settings,
        IEnumerable<string> arguments,
        string folder,
        AirbyteMessages messages,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        using var process = Start(options.AirbyteCommands[settings.Command], arguments, folder);
        // Read all along: a full pipe would hold the program up.
        var errors = DrainAsync(process.StandardError, cancellationToken);
        try
        {
            await TakeAsync(process.StandardOutput.BaseStream, messages, progress, cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        if (process.ExitCode != 0)
        {
            throw new DataProblemException($"The Airbyte program ended with the code {process.ExitCode}. {await errors}");
        }
    }

    private static Process Start(AirbyteCommand command, IEnumerable<string> arguments, string folder)
    {
        var start = new ProcessStartInfo(command.File)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var argument in command.Arguments.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["HOME"] = folder;
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } runtime)
        {
            start.Environment["DOTNET_ROOT"] = runtime;
        }

        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new DataProblemException($"The Airbyte program can't be started: {e.Message}. Tell an administrator.", cause: e);
        }
    }

    private async Task ReadFileAsync(
        string path,
        AirbyteMessages messages,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        await using var file = File.OpenRead(path);
        await TakeAsync(file, messages, progress, cancellationToken);
    }

    private async Task TakeAsync(
        Stream output,
        AirbyteMessages messages,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var lines = new MessageLines(output, limits.MaxLineBytes);
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            messages.Take(line);
            if (messages.Records % 1_000 == 1)
            {
                progress?.Report(new WorkProgress("Fetching", messages.Records, 0));
            }
        }
    }

    /// <returns>The beginning of what a program complained.</returns>
    private static async Task<string> DrainAsync(StreamReader errors, CancellationToken cancellationToken)
    {
        var first = new char[MaxErrorCharacters];
        var length = await errors.ReadBlockAsync(first, cancellationToken);
        var rest = new char[4096];
        while (await errors.ReadAsync(rest, cancellationToken) > 0) { }

        return new string(first, 0, length).ReplaceLineEndings(" ").Trim();
    }

    private static Task<string> ConfigAsync(SourceSecret secret, string folder, CancellationToken cancellationToken) =>
        WriteAsync(folder, "config.json", secret.Configuration.Length == 0 ? "{}" : secret.Configuration, cancellationToken);

    /// <summary>For its owner's eyes: it may hold credentials.</summary>
    private static async Task<string> WriteAsync(string folder, string name, string text, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, name);
        await using var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellationToken);
        return path;
    }
}
