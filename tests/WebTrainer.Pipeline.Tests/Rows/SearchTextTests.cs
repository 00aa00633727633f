using System.Text;
using CsCheck;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Rows;

/// <summary>Each way of writing a word finds the others: in texts, in versions without an index, and by the index.</summary>
public sealed class SearchTextTests : IDisposable
{
    /// <summary>Texts, and as what somebody looks for them; each must be found by all.</summary>
    private static readonly string[][] s_writings =
    [
        ["علی", "علي", "عَلی", "عـلی"],
        ["کتاب", "كتاب", "کِتاب"],
        ["195", "۱۹۵", "١٩٥", "१९५", "１９５", "𝟏𝟗𝟓"],
        ["می‌شود", "می شود", "میشود", "مي‌شود", "مي شود"],
        ["کتاب‌خانه‌ها", "کتاب خانه ها", "کتابخانه‌ها", "کتابخانه ها", "کتابخانهها"],
        ["مدرسة", "مدرسه"],
        ["خانۀ", "خانه", "خانهٔ"],
        ["مسأله", "مساله"],
        ["آب", "اب", "ا\u0653ب"],
        ["Café", "cafe", "CAFE\u0301", "CAFÉ"],
        ["Ångström", "angstrom", "A\u030Angstro\u0308m"],
        ["ΟΔΟΣ", "οδος", "οδός"],
        ["STRASSE", "straße"],
        ["İstanbul", "istanbul", "ISTANBUL"],
        ["שָׁלוֹם", "שלום"],
        ["हिन्दी", "हिन्दी"],
        ["가나다", "가나다".Normalize(NormalizationForm.FormD)],
        ["ガラス", "ｶﾞﾗｽ"],
        ["ﻛﺘﺎﺏ", "کتاب"],
    ];

    private static readonly string[] s_joined = ["می", "شود", "خانه", "ها", "کتاب", "نا", "م", "ی", "تر", "رود"];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void IsIn_EachWriting_FindsTheOthers()
    {
        var lost =
            from writings in s_writings
            from sought in writings
            from text in writings
            where !new SearchPhrase(sought).IsIn($"({text}) …")
            select $"{sought} in {text}";
        Assert.Empty(lost);
    }

    [Fact]
    public async Task Scan_AndIndex_FindEachWriting()
    {
        var texts = s_writings.SelectMany((writings, group) => writings.Select(text => (text, group))).ToList();
        var version = await _folder.WriteAsync(
            texts.Select((t, i) => CanonicalRow.Create($"{i}", i + 1, system: null, $"x ({t.text}) y", response: null))
        );
        await WordIndex.BuildAsync(
            version.Path,
            _folder.At("words"),
            _folder.At("words.tmp"),
            version.Rows,
            new ImportLimits(),
            cancellationToken: Ct
        );
        using var reader = new RowReader();
        var lost = new List<string>();
        foreach (var (sought, group) in texts)
        {
            long[] expected = [.. texts.Index().Where(t => t.Item.group == group).Select(t => (long)t.Index)];
            async Task<long[]> ScanAsync(RowQuery query) =>
                [.. (await reader.ReadPageAsync(version.Path, query with { Limit = 1_000 }, Ct)).Rows.Select(r => r.Line - 1)];
            var any = await ScanAsync(new RowQuery { Contains = sought });
            var words = await ScanAsync(new RowQuery { Words = WordQuery.Parse(sought) });
            var index = (await WordIndex.FindAsync(_folder.At("words"), WordQuery.Parse(sought)!, 0, 1_000, Ct)).Positions;
            if (!expected.All(any.Contains))
            {
                lost.Add($"any part: {sought}: {string.Join(' ', any)}");
            }

            if (!expected.All(words.Contains))
            {
                lost.Add($"words: {sought}: {string.Join(' ', words)}");
            }

            if (WordQuery.Parse(sought)!.IsOfWords && !expected.All(index.Contains))
            {
                lost.Add($"index: {sought}: {string.Join(' ', index)}");
            }
        }

        Assert.True(lost.Count == 0, string.Join('\n', lost));
    }

    [Theory]
    [InlineData("\u0640")]
    [InlineData("\u200C")]
    public async Task Scan_WhatNothingIsLeftOf_IsInNoText(string sought)
    {
        var version = await _folder.WriteAsync([CanonicalRow.Create("1", 1, system: null, "plain", "علی")]);
        using var reader = new RowReader();
        Assert.Empty((await reader.ReadPageAsync(version.Path, new RowQuery { Contains = sought }, Ct)).Rows);
        Assert.Null(WordQuery.Parse(sought));
    }

    [Theory]
    [InlineData("مد", "سلام دوست")] // the end of one word and the beginning of the next
    [InlineData("بدر", "خوب در")]
    [InlineData("نی", "نمي")]
    [InlineData("कल", "कुल")] // another vowel is another word
    [InlineData("и", "й")]
    [InlineData("blackboard", "black board")]
    [InlineData("۱۹۶", "195")]
    [InlineData("ـ", "علی")] // nothing is left of it
    public void IsIn_AnotherWord_IsNotFound(string sought, string text) => Assert.False(new SearchPhrase(sought).IsIn(text));

    [Fact]
    public void Fold_AnyText_FoldedAgain_IsTheSame() =>
        Gen.String.Sample(text => SearchText.Fold(SearchText.Fold(text)) == SearchText.Fold(text), iter: 3_000);

    /// <summary>The way by a table is the definition.</summary>
    [Fact]
    public void Fold_AnyText_IsTheDefinition() =>
        Gen.OneOf(
                Gen.String,
                Gen.String[Gen.Char["abÉéийй\u0306\u0301가ㄱㅏ\u1100\u1161\u11A8か\u3099हि\u093F\u093Cक़ﬁßعلي\u064E\u200C ۱１½…İ"], 0, 30]
            )
            .Sample(
                text => SearchText.Fold(text) == (Ascii.IsValid(text) ? text.ToLowerInvariant() : SearchText.FoldWhole(text)),
                iter: 20_000
            );

    [Fact]
    public void Fold_AnyTextOfLetters_IsTheSameComposedOrNot_AndInCapitals() =>
        Gen.String[Gen.Char["abzéñÅçßıİأؤئۀيىكةگچپۍآءٱ٠۹१९йёїґάώςÆœǅﬁ２가각がパ\u0301\u0308\u064E\u0651\u0654\u0640 \u200C"], 0, 40]
            .Sample(text =>
                SearchText.Fold(text) == SearchText.Fold(text.Normalize(NormalizationForm.FormC))
                && SearchText.Fold(text) == SearchText.Fold(text.Normalize(NormalizationForm.FormD))
                && SearchText.Fold(text) == SearchText.Fold(text.ToLowerInvariant())
                && SearchText.Fold(text) == SearchText.Fold(text.ToUpperInvariant())
            );

    [Fact]
    public void Fold_DigitsOfAllScripts_AreThoseOfAscii()
    {
        var digits = Enumerable
            .Range(0, 0x110000)
            .Where(Rune.IsValid)
            .Select(v => new Rune(v))
            .Where(r => Rune.GetUnicodeCategory(r) == System.Globalization.UnicodeCategory.DecimalDigitNumber)
            .ToList();
        Assert.True(digits.Count > 500);
        Assert.All(digits, digit => Assert.Equal($"{(int)Rune.GetNumericValue(digit)}", SearchText.Fold(digit.ToString())));
    }

    /// <summary>Whole words, however the joints between their parts are written.</summary>
    [Fact]
    public void IsIn_JointsAsNothingSpaceOrMark_AreTheSame() =>
        Gen.Select(OneOf(s_joined).Array[1, 3], OneOf("", " ", "\u200C").Array[2], OneOf("", " ", "\u200C").Array[2])
            .Sample(
                (parts, first, second) =>
                {
                    string Written(string[] joints) => string.Concat(parts.Select((part, i) => (i == 0 ? "" : joints[i - 1]) + part));
                    return new SearchPhrase(Written(first)).IsIn($"از {Written(second)}، به");
                }
            );

    [Fact]
    public void IsIn_APieceOfAText_IsFoundInIt() =>
        Gen.Select(Gen.String[Gen.Char["abé1۱علیمی شود\u200C\u064E.؟"], 1, 30], Gen.Int[0, 29], Gen.Int[1, 10])
            .Sample(
                (text, from, length) =>
                {
                    var piece = text[Math.Min(from, text.Length - 1)..Math.Min(from + length, text.Length)];
                    var phrase = new SearchPhrase(piece);
                    return !phrase.Folded.Any(char.IsLetterOrDigit) || phrase.IsIn(text);
                }
            );

    [Fact]
    public async Task IsCurrent_OfAnotherFolding_IsMadeAnew()
    {
        var version = await _folder.WriteAsync([CanonicalRow.Create("1", 1, system: null, "one", response: null)]);
        var index = _folder.At("words");
        Assert.False(WordIndex.IsCurrent(index));
        await WordIndex.BuildAsync(version.Path, index, _folder.At("words.tmp"), version.Rows, new ImportLimits(), cancellationToken: Ct);
        Assert.True(WordIndex.IsCurrent(index));
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={index};Pooling=False"))
        {
            await connection.OpenAsync(Ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 0";
            await command.ExecuteNonQueryAsync(Ct);
        }

        Assert.False(WordIndex.IsCurrent(index));
        await File.WriteAllTextAsync(index, "short", Ct);
        Assert.False(WordIndex.IsCurrent(index));
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
