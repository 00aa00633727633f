using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Export;

/// <summary>Writes versions in the formats of other programs.</summary>
public sealed class DatasetExporter(ImportLimits limits)
{
    private static readonly JsonSerializerOptions s_json = new(ProtocolJson.Line)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
    private readonly VersionReader _reader = new(limits);

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public DatasetExporter()
        : this(new ImportLimits()) { }

    /// <summary>Streams the rows; rows without an answer have none in the file either.</summary>
    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="target">UTF-8 goes here; left open.</param>
    /// <param name="split">Only rows of this split; all when null.</param>
    /// <returns>Rows written.</returns>
    public async Task<long> ExportAsync(
        string version,
        ExportFormat format,
        Stream target,
        DataSplit? split = null,
        CancellationToken cancellationToken = default
    )
    {
        var rows = _reader.ReadAsync(version, split, cancellationToken);
        if (format == ExportFormat.Parquet)
        {
            throw new ArgumentException("A version is a Parquet file already.", nameof(format));
        }

        if (format == ExportFormat.Csv)
        {
            var extra = await ExtraColumnsAsync(version, cancellationToken);
            return await CsvExport.WriteAsync(rows, extra, target, cancellationToken);
        }

        await using var writer = new StreamWriter(target, new UTF8Encoding(false), bufferSize: 64 * 1024, leaveOpen: true)
        {
            NewLine = "\n",
        };
        long count = 0;
        await foreach (var row in rows)
        {
            if (format == ExportFormat.Preference && !row.Extra.ContainsKey(Preferences.Rejected))
            {
                continue;
            }

            await writer.WriteLineAsync(JsonLine(row, format).AsMemory(), cancellationToken);
            count++;
        }

        return count;
    }

    /// <summary>As above, with where each row came from, and the rows that were set aside on the way behind those of the version.</summary>
    /// <remarks>JSON lines have it in an object <c>provenance</c>, which programs that don't know it pass over.</remarks>
    public async Task<long> ExportAsync(
        string version,
        ExportFormat format,
        VersionOrigins origins,
        Stream target,
        DataSplit? split = null,
        CancellationToken cancellationToken = default
    )
    {
        var rows = new OriginReader(origins, limits).ReadAsync(version, split, cancellationToken);
        if (format == ExportFormat.Csv)
        {
            var extra = await ExtraColumnsAsync(version, cancellationToken);
            return await CsvExport.WriteAsync(rows, extra, target, cancellationToken);
        }

        if (format == ExportFormat.Parquet)
        {
            return await ParquetExport.WriteAsync(rows, target, limits, cancellationToken);
        }

        await using var writer = new StreamWriter(target, new UTF8Encoding(false), bufferSize: 64 * 1024, leaveOpen: true)
        {
            NewLine = "\n",
        };
        long count = 0;
        await foreach (var (row, origin) in rows)
        {
            if (format == ExportFormat.Preference && !row.Extra.ContainsKey(Preferences.Rejected))
            {
                continue;
            }

            await writer.WriteLineAsync(JsonLine(row, format, origin).AsMemory(), cancellationToken);
            count++;
        }

        return count;
    }

    private async Task<IReadOnlyList<string>> ExtraColumnsAsync(string version, CancellationToken cancellationToken)
    {
        using var reader = new RowReader(limits);
        return await reader.ExtraColumnsAsync(version, cancellationToken);
    }

    private static string JsonLine(CanonicalRow row, ExportFormat format, RowOrigin origin)
    {
        var line = JsonLine(row, format);
        var provenance = JsonSerializer.Serialize(
            new OriginPart(
                row.Id,
                origin.File,
                origin.FileSha256,
                origin.Line == 0 ? null : origin.Line,
                origin.Version,
                origin.IsSetAside,
                origin.Step,
                origin.Reason,
                origin.Twin
            ),
            s_json
        );
        return $"{line[..^1]},\"provenance\":{provenance}}}";
    }

    private sealed record OriginPart(
        string Id,
        string? File,
        string? FileSha256,
        long? Line,
        string Version,
        bool SetAside,
        string? Step,
        string? Reason,
        string? Twin
    );

    private static string JsonLine(CanonicalRow row, ExportFormat format) => ExtraFields.AddTo(Shape(row, format), row);

    private static string Shape(CanonicalRow row, ExportFormat format) =>
        format switch
        {
            ExportFormat.OpenAiChat => JsonSerializer.Serialize(ChatLine.Of(row.Messages), s_json),
            ExportFormat.ShareGpt => JsonSerializer.Serialize(
                new ShareGptLine([.. row.Messages.Select(m => new ShareGptTurn(Speaker(m.Role), m.Content))]),
                s_json
            ),
            ExportFormat.Alpaca => JsonSerializer.Serialize(new AlpacaLine(row.Prompt, "", row.Response, row.System), s_json),
            ExportFormat.PromptCompletion => JsonSerializer.Serialize(new PromptLine(row.System, row.Prompt, row.Response), s_json),
            ExportFormat.Preference => JsonSerializer.Serialize(
                new PairLine(row.System, row.Prompt, row.Response, row.Extra[Preferences.Rejected]),
                s_json
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, message: null),
        };

    private static string Speaker(string role) =>
        role switch
        {
            ChatRoles.Assistant => "gpt",
            ChatRoles.System => "system",
            _ => "human",
        };

    private sealed record ShareGptTurn(string From, string Value);

    private sealed record ShareGptLine(IReadOnlyList<ShareGptTurn> Conversations);

    private sealed record AlpacaLine(string Instruction, string Input, string? Output, string? System);

    private sealed record PairLine(string? System, string Prompt, string? Chosen, string Rejected);

    private sealed record PromptLine(string? System, string Prompt, string? Completion);
}
