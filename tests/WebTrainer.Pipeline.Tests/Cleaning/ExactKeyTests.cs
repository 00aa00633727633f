using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

/// <summary>Repetitions found inside DuckDB and by the plain definition are the same.</summary>
public sealed class ExactKeyTests : IDisposable
{
    private static readonly string[] s_texts =
    [
        "Where is my card?",
        "where is  my card?",
        " Where is my card? ",
        "Where\tis my\ncard?",
        "WHERE IS MY CARD?",
        "كجاست کارت من؟",
        "Ｗhere is my card?",
        "a",
        "tab\u000bhere",
        "emoji 🌍 here",
        "İstanbul",
        "ends with no-break\u00a0",
        "123 = +4",
        "quote \" and \\ and '",
        "ctrl\u0001inside",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DuplicateBy.Prompt, DuplicateKeep.First)]
    [InlineData(DuplicateBy.PromptAndResponse, DuplicateKeep.First)]
    [InlineData(DuplicateBy.Prompt, DuplicateKeep.Last)]
    [InlineData(DuplicateBy.PromptAndResponse, DuplicateKeep.Last)]
    public async Task Find_AnyText_GivesTheRepetitionsOfTheDefinition(DuplicateBy by, DuplicateKeep keep)
    {
        DataSplit?[] splits = [null, DataSplit.Train, DataSplit.Test, DataSplit.Validation];
        CanonicalRow[] rows =
        [
            .. s_texts
                .SelectMany(
                    (text, i) =>
                        new[] { Row(3 * i, text, null), Row((3 * i) + 1, text, s_texts[^(i + 1)]), Row((3 * i) + 2, text, "plain answer") }
                )
                .Select((row, i) => row with { Split = splits[i % 7 % 4] }),
        ];
        var version = await _folder.WriteAsync(rows, "keys");
        var twins = TwinScan.Find(version.Path, by, DuplicateWithin.Everything, keep, new ImportLimits(), CancellationToken.None).Twins;

        var expected = rows.Index()
            .GroupBy(r => TextKey.Md5(TextKey.Normal(DuplicateChoice.Text(r.Item, by))))
            .SelectMany(group =>
            {
                var kept = group.MinBy(r => DuplicateChoice.Rank(r.Index, r.Item.Split, keep)).Index;
                return group.Where(r => r.Index != kept).Select(r => (r.Index, kept));
            })
            .OrderBy(t => t.Index);
        Assert.Equal(expected, twins.Select(t => (t.Key, t.Value)).OrderBy(t => t.Key));
        Assert.NotEmpty(twins);
    }

    [Fact]
    public async Task Apply_ExactAlone_IsTheSameAsAfterAStepThatChangesNothing()
    {
        CanonicalRow[] rows = [.. s_texts.Concat(s_texts).Select((text, i) => Row(i, text, i % 3 == 0 ? "Yes" : "yes"))];
        var version = await _folder.WriteAsync(rows, "apply");
        var exact = new ExactDuplicatesStep { Keep = DuplicateKeep.Last };
        var fast = await new Cleaner().ApplyAsync(
            version.Path,
            new CleanRecipe { Steps = [exact] },
            _folder.At("fast"),
            cancellationToken: Xunit.TestContext.Current.CancellationToken
        );
        var slow = await new Cleaner().ApplyAsync(
            version.Path,
            new CleanRecipe { Steps = [new LengthStep { Max = 1000 }, exact] },
            _folder.At("slow"),
            cancellationToken: Xunit.TestContext.Current.CancellationToken
        );

        Assert.Equal(
            (await slow.Version.RowsAsync()).Select(r => (r.Id, r.Prompt, r.Response)),
            (await fast.Version.RowsAsync()).Select(r => (r.Id, r.Prompt, r.Response))
        );
        Assert.Equal(
            (slow.SetAside, slow.Version.Rows, slow.Version.DistinctLabels),
            (fast.SetAside, fast.Version.Rows, fast.Version.DistinctLabels)
        );
        Assert.True(fast.SetAside > s_texts.Length);
    }

    private static CanonicalRow Row(int i, string prompt, string? response) =>
        CanonicalRow.Create(Generated.Id(i), i, null, prompt, response);
}
