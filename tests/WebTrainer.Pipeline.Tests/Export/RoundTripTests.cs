using System.Text;
using CsCheck;
using WebTrainer.Pipeline.Export;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Tests.Support;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Tests.Export;

public sealed class RoundTripTests : IDisposable
{
    private static readonly string[] s_letters = [.. "=+-@\t\r\n\"',; a0ب\u200C\u202E🌍".EnumerateRunes().Select(r => r.ToString())];
    private static readonly string[] s_traps =
    [
        "=1+1",
        "'=1",
        "''x",
        "-",
        "+1",
        "@a",
        "\tx",
        "\rx",
        "x\r",
        "\"",
        "a\r\nb",
        ",",
        "سلام، «دنیا»",
        "\uFEFFx",
    ];

    private static readonly Gen<string> s_text = Gen.OneOf(
            Gen.Int[0, s_letters.Length - 1].Array[1, 12].Select(letters => string.Concat(letters.Select(i => s_letters[i]))),
            Gen.Int[0, s_traps.Length - 1].Select(i => s_traps[i])
        )
        .Where(t => !string.IsNullOrWhiteSpace(t));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<ExportFormat, string> Formats =>
        new()
        {
            { ExportFormat.OpenAiChat, "a.jsonl" },
            { ExportFormat.ShareGpt, "a.jsonl" },
            { ExportFormat.Alpaca, "a.jsonl" },
            { ExportFormat.PromptCompletion, "a.jsonl" },
            { ExportFormat.Csv, "a.csv" },
        };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Export_AnyText_ImportGivesTheOriginal(ExportFormat format, string name)
    {
        var gen = Gen.Select(s_text, s_text, Gen.Null(s_text)).Array[1, 40];
        var number = 0;
        await gen.SampleAsync(
            async texts =>
            {
                var part = Interlocked.Increment(ref number);
                var rows = texts.Select((t, i) => CanonicalRow.Create(Generated.Id(i), i, t.Item3, t.Item1, t.Item2));
                var version = await _folder.WriteAsync(rows, $"{format}{part}");
                var file = _folder.Write(name, await ExportAsync(version.Path, format));
                var report = await _folder.ImportAsync(file, name: $"{format}{part}-again");

                Assert.Equal(0, report.ProblemCount);
                Assert.Equal(
                    texts.Select(t => ((string?)t.Item3, t.Item1, t.Item2)),
                    (await report.Version.RowsAsync()).Select(r => (r.System, r.Prompt, r.Response!))
                );
            },
            iter: 3,
            threads: 1
        );
    }

    /// <summary>Columns beside the texts go out and come in again; one that has the name of a field of the format is left out.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Export_ColumnsBesideTheTexts_ComeBack(ExportFormat format, string name)
    {
        var row = CanonicalRow.Create(Generated.Id(0), 0, null, "My card", "card") with
        {
            Extra = new Dictionary<string, string>
            {
                ["region"] = "Süd, \"west\"",
                ["tags"] = """["a","b"]""",
                ["prompt"] = "taken",
                ["Umfrage"] = "=1",
            },
        };
        var version = await _folder.WriteAsync([row], $"extra{format}");
        var again = await _folder.ImportAsync(_folder.Write(name, await ExportAsync(version.Path, format)), name: $"extra{format}-again");
        var back = Assert.Single(await again.Version.RowsAsync());
        Assert.Equal(("My card", "card"), (back.Prompt, back.Response));
        Assert.Equal(("Süd, \"west\"", """["a","b"]""", "=1"), (back.Extra["region"], back.Extra["tags"], back.Extra["Umfrage"]));
    }

    /// <summary>An answer that nobody wants stays one.</summary>
    [Theory]
    [InlineData(ExportFormat.OpenAiChat)]
    [InlineData(ExportFormat.PromptCompletion)]
    public async Task Export_WantedAndUnwantedAnswers_KeepTheirMark(ExportFormat format)
    {
        var rows = new[] { "true", "false" }.Select(
            (mark, i) =>
                CanonicalRow.Create(Generated.Id(i), i, null, "My card", $"answer {i}") with
                {
                    Extra = new Dictionary<string, string> { [Preferences.Desired] = mark },
                }
        );
        var version = await _folder.WriteAsync(rows, $"kto{format}");
        var again = await _folder.ImportAsync(
            _folder.Write("kto.jsonl", await ExportAsync(version.Path, format)),
            name: $"kto{format}-again"
        );
        Assert.Equal(["true", "false"], (await again.Version.RowsAsync()).Select(r => r.Extra[Preferences.Desired]));
    }

    [Fact]
    public async Task Export_Csv_NoCellBeginsWithAFormulaSign()
    {
        string[] texts = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx"];
        var version = await _folder.WriteAsync(texts.Select((t, i) => CanonicalRow.Create(Generated.Id(i), i, null, t, t)));
        var csv = Encoding.UTF8.GetString(await ExportAsync(version.Path, ExportFormat.Csv));

        var parser = new CsvRecordParser(',', '"');
        foreach (var record in csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            parser.Reset();
            Assert.Equal(CsvState.Complete, parser.Add(record));
            Assert.DoesNotContain(parser.Fields, f => f.Length > 0 && "=+-@\t\r".Contains(f[0], StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Export_Chat_KeepsTheTurnsOfAConversation()
    {
        ChatMessage[] messages = [new("system", "s"), new("user", "1"), new("assistant", "2"), new("user", "3"), new("assistant", "4")];
        var version = await _folder.WriteAsync([CanonicalRow.Create("a", 1, messages)]);
        var report = await _folder.ImportAsync(
            _folder.Write("a.jsonl", await ExportAsync(version.Path, ExportFormat.OpenAiChat)),
            name: "b"
        );

        Assert.Equal(messages, (await report.Version.RowsAsync()).Single().Messages);
    }

    [Fact]
    public async Task Export_OneSplit_WritesOnlyItsRows()
    {
        var version = await _folder.WriteAsync([
            CanonicalRow.Create("1", 1, null, "p", "r", split: DataSplit.Train),
            CanonicalRow.Create("2", 2, null, "q", "r", split: DataSplit.Test),
        ]);
        using var memory = new MemoryStream();

        Assert.Equal(1, await new DatasetExporter().ExportAsync(version.Path, ExportFormat.PromptCompletion, memory, DataSplit.Test));
        Assert.Equal("{\"prompt\":\"q\",\"completion\":\"r\"}\n", Encoding.UTF8.GetString(memory.ToArray()));
    }

    private static async Task<byte[]> ExportAsync(string version, ExportFormat format)
    {
        using var memory = new MemoryStream();
        await new DatasetExporter().ExportAsync(version, format, memory);
        return memory.ToArray();
    }
}
