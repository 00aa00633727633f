using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Import.Conversion;

/// <summary>What the program that reads a document is told.</summary>
internal sealed record DocumentRequest(SourceFile File, string Target, ImportLimits Limits);

/// <summary>
/// Reads a document (PDF, DOCX) in a process of its own: readers of documents follow what a file says, and a damaged one can end the
/// process that they run in.
/// </summary>
public static class DocumentProcess
{
    /// <summary>First argument of the program; what it reads comes on its input.</summary>
    public const string Verb = "document";

    private const int Refused = 3;
    private const long MiB = 1L << 20;
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "WebTrainer.Query.dll");
    private static readonly string s_dotnet = Path.GetFullPath(
        Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet")
    );

    /// <summary>The program lies beside what runs; where it doesn't, documents are read where they are asked for.</summary>
    internal static bool IsThere { get; } = File.Exists(s_program) && File.Exists(s_dotnet);

    /// <summary>The program itself: writes the text that a document holds.</summary>
    /// <param name="input">One request, as JSON.</param>
    /// <param name="output">Gets the sentence of a refusal.</param>
    /// <returns>Its exit code: 0 where the text is written.</returns>
    public static async Task<int> RunAsync(Stream input, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var request =
            await JsonSerializer.DeserializeAsync<DocumentRequest>(input, ProtocolJson.Line)
            ?? throw new InvalidDataException("There is no request.");
        try
        {
            await new FileConverter(request.Limits, DocumentPlace.Here).ConvertAsync(request.File, request.Target);
            return 0;
        }
        catch (DataProblemException refusal)
        {
            await output.WriteAsync(refusal.Message);
            return Refused;
        }
    }

    /// <exception cref="DataProblemException">The document can't be read, or whatever read it ended.</exception>
    internal static async Task<SourceFile> ConvertAsync(
        SourceFile file,
        string target,
        ImportLimits limits,
        CancellationToken cancellationToken
    )
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(TimeSpan.FromSeconds(limits.MaxDocumentSeconds));
        using var process =
            Process.Start(StartInfo(limits)) ?? throw new InvalidOperationException("The program that reads documents was not started.");
        try
        {
            var unheard = process.StandardError.BaseStream.CopyToAsync(Stream.Null, time.Token);
            var said = process.StandardOutput.ReadToEndAsync(time.Token);
            await SendAsync(process, new DocumentRequest(file, target, limits), time.Token);
            await process.WaitForExitAsync(time.Token);
            await unheard;
            return process.ExitCode switch
            {
                0 => new SourceFile(target, file.Name),
                Refused => throw new DataProblemException(await said),
                _ => throw new DataProblemException(
                    $"'{file.Name}' is a document that can't be read: it ended the program that read it, and nothing else. It may be damaged; open it and save or print it anew."
                ),
            };
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DataProblemException(
                $"'{file.Name}' takes more than {limits.MaxDocumentSeconds / 60:N0} minutes to read. Split the document.",
                cause: late
            );
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None); // what it wrote is deleted next
            }
        }
    }

    private static ProcessStartInfo StartInfo(ImportLimits limits)
    {
        var start = new ProcessStartInfo(s_dotnet, [s_program, Verb])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = (limits.MaxDocumentMemoryMiB * MiB).ToString("x", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return start;
    }

    private static async Task SendAsync(Process process, DocumentRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await JsonSerializer.SerializeAsync(process.StandardInput.BaseStream, request, ProtocolJson.Line, cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it heard anything; its exit code tells.
        }
    }
}

/// <summary>Where documents are read.</summary>
internal enum DocumentPlace
{
    /// <summary>In a process of their own, where its program is there.</summary>
    Apart,

    /// <summary>In this process.</summary>
    Here,
}
