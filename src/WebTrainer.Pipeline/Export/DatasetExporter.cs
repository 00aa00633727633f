using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Export;

/// <summary>Writes versions in the formats of other programs.</summary>
public sealed class DatasetExporter(ImportLimits limits)
{
    private static readonly JsonSerializerOptions s_json = new(ProtocolJson.Line) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private readonly VersionReader _reader = new(limits);

    public DatasetExporter()
        : this(new ImportLimits())
    {
    }

    /// <summary>Streams the rows; rows without an answer have none in the file either.</summary>
    /// <param name="version">Path of the Parquet file.</param>
    /// <param name="target">UTF-8 goes here; left open.</param>
    /// <param name="split">Only rows of this split; all when null.</param>
    /// <returns>Rows written.</returns>
    public async Task<long> ExportAsync(
        string version, ExportFormat format, Stream target, DataSplit? split = null, CancellationToken cancellationToken = default)
    {
        var rows = _reader.ReadAsync(version, split, cancellationToken);
        if (format == ExportFormat.Csv) return await CsvExport.WriteAsync(rows, target, cancellationToken);

        await using var writer = new StreamWriter(target, new UTF8Encoding(false), bufferSize: 64 * 1024, leaveOpen: true) { NewLine = "\n" };
        long count = 0;
        await foreach (var row in rows)
        {
            if (format == ExportFormat.Preference && !row.Extra.ContainsKey(Preferences.Rejected)) continue;
            await writer.WriteLineAsync(JsonLine(row, format).AsMemory(), cancellationToken);
            count++;
        }

        return count;
    }

    private static string JsonLine(CanonicalRow row, ExportFormat format) => format switch
    {
        ExportFormat.OpenAiChat => JsonSerializer.Serialize(new ChatLine(row.Messages), s_json),
        ExportFormat.ShareGpt => JsonSerializer.Serialize(new ShareGptLine([.. row.Messages.Select(m => new ShareGptTurn(Speaker(m.Role), m.Content))]), s_json),
        ExportFormat.Alpaca => JsonSerializer.Serialize(new AlpacaLine(row.Prompt, "", row.Response, row.System), s_json),
        ExportFormat.PromptCompletion => JsonSerializer.Serialize(new PromptLine(row.System, row.Prompt, row.Response), s_json),
        ExportFormat.Preference => JsonSerializer.Serialize(new PairLine(row.System, row.Prompt, row.Response, row.Extra[Preferences.Rejected]), s_json),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, message: null),
    };

    private sealed record ChatLine(IReadOnlyList<ChatMessage> Messages);

    private static string Speaker(string role) => role switch
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
