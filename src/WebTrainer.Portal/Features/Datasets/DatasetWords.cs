using MudBlazor;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>How pages call what data is.</summary>
public static class DatasetWords
{
    private const int MaxCharactersInList = 500;

    public static string Name(VersionKind kind) =>
        kind switch
        {
            VersionKind.Imported => "imported",
            VersionKind.Split => "split",
            VersionKind.Labeled => "labeled",
            VersionKind.Cleaned => "cleaned",
            VersionKind.Joined => "joined",
            VersionKind.Made => "with made rows",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    public static string Icon(VersionKind kind) =>
        kind switch
        {
            VersionKind.Imported => Icons.Material.Outlined.UploadFile,
            VersionKind.Split => Icons.Material.Outlined.CallSplit,
            VersionKind.Labeled => Icons.Material.Outlined.RateReview,
            VersionKind.Cleaned => Icons.Material.Outlined.CleaningServices,
            VersionKind.Joined => Icons.Material.Outlined.LibraryAdd,
            VersionKind.Made => Icons.Material.Outlined.AutoFixHigh,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    /// <summary>What rows have in common that a click in the profile shows.</summary>
    /// <summary>A row's place in a column of lines (<see cref="SourcePlace"/>).</summary>
    public static string Place(long place) =>
        place switch
        {
            0 => "–",
            < 0 => SourcePlace.Words(place),
            _ => Format.Count(place),
        };

    public static string Name(RowTrait trait) =>
        trait switch
        {
            RowTrait.Unanswered => "without an answer",
            RowTrait.RepeatedPrompt => "prompt occurs more than once",
            RowTrait.FarTooLong => "prompt far longer than others",
            _ => throw new ArgumentOutOfRangeException(nameof(trait), trait, null),
        };

    public static string InAddress(RowTrait trait) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(trait.ToString());

    public static string Name(DataShape shape) =>
        shape switch
        {
            DataShape.Label => "Text and label",
            DataShape.PromptCompletion => "Prompt and response",
            DataShape.Alpaca => "Instruction, input, output (Alpaca)",
            DataShape.ShareGpt => "Conversations (ShareGPT)",
            DataShape.Chat => "Messages (OpenAI chat)",
            DataShape.Preference => "Prompt, preferred and rejected answer (DPO)",
            DataShape.Kto => "Messages, or prompt and answer, and whether it is wanted (KTO)",
            _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, null),
        };

    public static string Name(FileInspection file) =>
        file.Kind switch
        {
            FileKind.JsonLines => "JSONL, one object a line",
            FileKind.JsonArray => "JSON, a list of objects",
            FileKind.Delimited => $"Table, fields set apart by {Delimiter(file.Csv?.Delimiter)}",
            _ => throw new ArgumentOutOfRangeException(nameof(file), file.Kind, null),
        };

    public static string Name(TextEncoding encoding) =>
        encoding switch
        {
            TextEncoding.Utf8 => "UTF-8",
            TextEncoding.Utf8WithBom => "UTF-8 with BOM",
            TextEncoding.Utf16LittleEndian => "UTF-16, little endian",
            TextEncoding.Utf16BigEndian => "UTF-16, big endian",
            TextEncoding.Windows1256 => "windows-1256 (Arabic, Persian)",
            TextEncoding.Windows1252 => "windows-1252 (Western Europe)",
            TextEncoding.Windows1250 => "windows-1250 (Central Europe)",
            TextEncoding.Windows1251 => "windows-1251 (Cyrillic)",
            TextEncoding.ShiftJis => "Shift-JIS (Japanese)",
            TextEncoding.Gb18030 => "GB 18030 (Chinese)",
            TextEncoding.Big5 => "Big5 (Chinese)",
            TextEncoding.EucKr => "EUC-KR (Korean)",
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, null),
        };

    /// <summary>A long text as a list shows it: its line breaks are spaces, so that two lines of it say something.</summary>
    public static string? InList(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var shown = text.Length > MaxCharactersInList ? text[..MaxCharactersInList] : text;
        return string.Join(' ', shown.Split((char[])['\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }

    public static string Delimiter(char? delimiter) =>
        delimiter switch
        {
            ',' => "commas",
            ';' => "semicolons",
            '\t' => "tabs",
            '|' => "bars",
            _ => $"“{delimiter}”",
        };
}
