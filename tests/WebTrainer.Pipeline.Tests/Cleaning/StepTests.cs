using CsCheck;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Languages;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

public sealed class StepTests
{
    private const string Spam =
        "buy now at a low price, buy now at a low price, buy now at a low price, buy now at a low price, buy now at a low price, buy now at a low price, buy now at a low price, buy now at a low price, buy now";
    private static readonly CleanContext s_context = new(1_000, CleanSources.None, new ImportLimits());

    [Theory]
    [InlineData("e\u0301te\u0301", "été")]
    [InlineData("كتاب علي", "کتاب علی")]
    [InlineData("a\u200Bb\uFEFFc\u202Ed\u0007", "abcd")]
    [InlineData("می\u200Cروم", "می\u200Cروم")]
    [InlineData("٣ و ۴ و 5", "3 و 4 و 5")]
    [InlineData("line\nand\ttab", "line\nand\ttab")]
    public void Unicode_WritesWhatLooksTheSameTheSame(string text, string expected) =>
        Assert.Equal(expected, new UnicodeStep { PersianLetters = true, Digits = DigitStyle.Latin }.Map(text));

    [Theory]
    [InlineData("HbA1c برابر 7 است", "HbA1c برابر ۷ است")]
    [InlineData("ویتامین B12 و COVID-19 در 2020", "ویتامین B12 و COVID-19 در ۲۰۲۰")]
    [InlineData("user_7@example.org و https://a.org/x?y=12", "user_7@example.org و https://a.org/x?y=12")]
    [InlineData("عینک3D و 3.14 و 2020-05-12", "عینک3D و ۳.۱۴ و ۲۰۲۰-۰۵-۱۲")]
    [InlineData("٣ و ۴ و 5", "۳ و ۴ و ۵")]
    [InlineData("α2 и Б52", "α2 и Б52")]
    public void Unicode_PersianDigits_LeaveNamesInOtherScriptsAlone(string text, string expected) =>
        Assert.Equal(expected, new UnicodeStep { Digits = DigitStyle.Persian }.Map(text));

    /// <summary>.NET refuses to normalise such texts; a file with one must not end the whole recipe.</summary>
    [Theory]
    [InlineData("e\u0301 \uFFFE \uFFFF")]
    [InlineData("e\u0301 \uD83D x \uDE00")]
    public void AnyStep_TextThatIsNoUnicode_IsTakenAsItIs(string text)
    {
        Assert.StartsWith("é ", new UnicodeStep().Map(text), StringComparison.Ordinal);
        Assert.StartsWith("é ", WebTrainer.Pipeline.Cleaning.Duplicates.TextKey.Normal(text), StringComparison.Ordinal);
        Assert.StartsWith("e ", WebTrainer.Pipeline.Rows.SearchText.Fold(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Unicode_LatinDigits_AreWrittenInsideNamesToo() =>
        Assert.Equal("HbA1c 12", new UnicodeStep { Digits = DigitStyle.Latin }.Map("HbA۱c ۱٢"));

    [Fact]
    public void Unicode_Joiners_GoOnlyWhenAsked() => Assert.Equal("میروم", new UnicodeStep { RemoveJoiners = true }.Map("می\u200Cروم"));

    [Theory]
    [InlineData("<p>One</p><p>Two &amp; three</p>", "One\n\nTwo & three")]
    [InlineData("a < b and List<int> x", "a < b and List<int> x")]
    [InlineData("<script>alert(1)</script>Text<!-- no -->.", "Text.")]
    [InlineData("<a href=\"x\">link</a>", "link")]
    [InlineData("  too   many \n\n\n\n lines  ", "too many\n\n lines")]
    [InlineData("a\u00A0 b\r\nc", "a b\nc")]
    [InlineData("if x:\n    y", "if x:\n    y")]
    [InlineData("broken <b", "broken <b")]
    public void Whitespace_LeavesTheTextAlone(string text, string expected) => Assert.Equal(expected, new WhitespaceStep().Map(text));

    [Fact]
    public void TextSteps_DoneTwice_ChangeNothingMore() =>
        Gen.String[Gen.Char["ab <>p/&;\n\t \u00A0\u200Bيe\u0301"], 0, 60]
            .Sample(text =>
            {
                var unicode = new UnicodeStep { PersianLetters = true };
                var space = new WhitespaceStep { Html = false };
                return unicode.Map(unicode.Map(text)) == unicode.Map(text) && space.Map(space.Map(text)) == space.Map(text);
            });

    [Fact]
    public void Html_OfAnyText_NeverFails() =>
        Gen.String[Gen.Char["<>/!-pbscript &;x"], 0, 80].Sample(text => HtmlText.Of(text).Length <= (2 * text.Length) + 2);

    [Theory]
    [InlineData("This is a fine answer that says something once.", null)]
    [InlineData("No. No. No.", null)]
    [InlineData(Spam, "sequence")]
    [InlineData("1 2 3 4 5 6 7 8 9 10 11 12 13", "no letter")]
    [InlineData("#a #b #c #d #e f g h i j k", "#")]
    [InlineData("- one two three four five\n- six seven eight nine ten\n- a b c d e\n- f g h i j\n- k l m n o", "bullets")]
    public void Quality_ByTheRulesOfGopher(string text, string? says)
    {
        var reason = new QualityStep().Begin(s_context).Apply(0, CanonicalRow.Create("1", 1, system: null, text, response: null)).Reason;
        if (says is null)
        {
            Assert.Null(reason);
        }
        else
        {
            Assert.Contains(says, reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Quality_OfRealAnswers_KeepsNearlyAll()
    {
        var lines = File.ReadLines(RealData.File("gsm8k", "test.jsonl").Path)
            .Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement.GetProperty("question").GetString()!)
            .Take(500)
            .ToList();
        var work = new QualityStep().Begin(s_context);
        var aside = lines
            .Select(l => work.Apply(0, CanonicalRow.Create("1", 1, system: null, l, response: null)).Reason)
            .OfType<string>()
            .ToList();
        Assert.True(aside.Count <= 20, string.Join('\n', aside.CountBy(r => r)));
    }

    [Theory]
    [InlineData("Where is the card that I ordered last week?", "en")]
    [InlineData("کارتی که هفته پیش سفارش دادم کجاست؟", "fa")]
    [InlineData("Wo ist die Karte, die ich letzte Woche bestellt habe?", "de")]
    [InlineData("أين البطاقة التي طلبتها الأسبوع الماضي؟", "ar")]
    public void Language_IsTold(string text, string language) => Assert.Equal(language, Told(text)?.Language);

    [Fact]
    public void Language_ShortTextsStay_OthersGo()
    {
        var work = new LanguageStep { Languages = ["fa"] }.Begin(s_context);
        Assert.Null(work.Apply(0, CanonicalRow.Create("1", 1, system: null, "Hello", response: null)).Reason);
        Assert.NotNull(
            work.Apply(0, CanonicalRow.Create("1", 1, system: null, "Where is the card that I ordered last week?", response: null)).Reason
        );
    }

    [Theory]
    [InlineData("Hello", null, "few")]
    [InlineData("Where is the card that I ordered last week?", null, null)]
    [InlineData("Wo ist die Karte, die ich letzte Woche bestellt habe?", null, null)]
    [InlineData("کارتی که هفته پیش سفارش دادم کجاست؟", "fa", "fa")]
    [InlineData("1234567890 1234567890 1234567890", null, "can't be told")]
    public void Language_SeveralStay_ShortAndUnsureGoWhenAsked(string text, string? reason, string? strictReason)
    {
        var row = CanonicalRow.Create("1", 1, system: null, text, response: null);
        var mild = new LanguageStep { Languages = ["en", "de"], LeastConfidence = 0.2 }
            .Begin(s_context)
            .Apply(0, row)
            .Reason;
        var strict = new LanguageStep
        {
            Languages = ["en", "de"],
            LeastConfidence = 0.2,
            SetAsideUnsure = true,
        }
            .Begin(s_context)
            .Apply(0, row)
            .Reason;
        Assert.True(reason is null ? mild is null : mild!.Contains(reason, StringComparison.Ordinal), mild);
        Assert.True(strictReason is null ? strict is null : strict!.Contains(strictReason, StringComparison.Ordinal), strict);
    }

    [Fact]
    public void Language_NotSureEnough_StaysOrGoesWithHowSureItIs()
    {
        var row = CanonicalRow.Create("1", 1, system: null, "Wo ist die Karte, die ich letzte Woche bestellt habe?", response: null);
        var step = new LanguageStep { Languages = ["en"], LeastConfidence = 1 };
        Assert.InRange(Told(row.Prompt)!.Value.Confidence, 0.5, 0.9999999999999999);
        Assert.Null(step.Begin(s_context).Apply(0, row).Reason);
        Assert.Contains("may be de", (step with { SetAsideUnsure = true }).Begin(s_context).Apply(0, row).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Relabel_ChangesTheAnswerThatIsTheLabel()
    {
        var work = new RelabelStep { From = "lost", To = "lost card" }.Begin(s_context);
        var row = work.Apply(0, CanonicalRow.Create("1", 1, null, "It is gone", "lost", "lost")).Row;
        Assert.Equal(("lost card", "lost card", "lost card"), (row.Label, row.Response, row.Messages[^1].Content));
        var told = work.Apply(0, CanonicalRow.Create("1", 1, null, "It is gone", "I am sorry.", "lost")).Row;
        Assert.Equal(("lost card", "I am sorry."), (told.Label, told.Response));
    }

    [Theory]
    [InlineData(PatternAction.Replace, null, "b-1 X")]
    [InlineData(PatternAction.SetAsideMatching, "It holds the pattern.", "b-1 a")]
    [InlineData(PatternAction.SetAsideOthers, null, "b-1 a")]
    public void Pattern_ReplacesOrChooses(PatternAction action, string? reason, string prompt)
    {
        var step = new PatternStep
        {
            Pattern = @"\b(a)\b",
            Action = action,
            Replacement = "X",
            Field = RowField.Prompt,
        };
        var outcome = step.Begin(s_context).Apply(0, CanonicalRow.Create("1", 1, null, "b-1 a", "a"));
        Assert.Equal((reason, prompt, "a"), (outcome.Reason, outcome.Row.Prompt, outcome.Row.Response));
    }

    [Theory]
    [InlineData(FieldTest.IsEmpty, "", false)]
    [InlineData(FieldTest.IsNotEmpty, "", true)]
    [InlineData(FieldTest.Is, "CARD", true)]
    [InlineData(FieldTest.IsNot, "card", false)]
    [InlineData(FieldTest.Contains, "ar", true)]
    public void Field_ByItsValue(FieldTest test, string value, bool aside)
    {
        var outcome = new FieldStep { Test = test, Value = value }
            .Begin(s_context)
            .Apply(0, CanonicalRow.Create("1", 1, null, "p", "r", "card"));
        Assert.Equal(aside, outcome.Reason is not null);
    }

    private static ToldLanguage? Told(string text) => LanguageOdds.Of([]).Tell(TextLanguages.Likelihoods(text));
}
