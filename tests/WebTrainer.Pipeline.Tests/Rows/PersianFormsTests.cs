using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Splits;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Rows;

/// <summary>Persian words as people write them: one word in several spellings, and its forms.</summary>
public sealed class PersianFormsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("می‌روم", "مي روم")]
    [InlineData("می‌روم", "میروم")]
    [InlineData("نمی‌خواهم", "نمي خواهم")]
    [InlineData("کتاب‌ها", "كتاب ها")]
    [InlineData("کتاب‌هایم گم شد", "كتابهايم گم شد")]
    [InlineData("بزرگ‌ترین شهر", "بزرگ ترین شهر")]
    [InlineData("خانۀ من", "خانة من")]
    [InlineData("مُحَمَّد", "محمد")]
    [InlineData("ســـلام", "سلام")]
    [InlineData("سفارش ۱۲۳", "سفارش ١٢٣")]
    [InlineData("سفارش ۱۲۳", "سفارش 123")]
    public void Spellings_OfOneText_AreOne_ForDuplicatesLeaksAndSplits(string one, string other)
    {
        Assert.Equal(TextKey.NormalMd5(one), TextKey.NormalMd5(other));
        Assert.Equal(OverlapIndex.Normal(one), OverlapIndex.Normal(other));
        Assert.Equal(PromptKey.Of(one), PromptKey.Of(other));
    }

    [Theory]
    [InlineData("کتاب", "کتان")]
    [InlineData("می روم", "نمی روم")]
    [InlineData("بار ما", "بارما")]
    [InlineData("در خانه", "درخانه")]
    public void OtherWords_StayOthers(string one, string other) => Assert.NotEqual(TextKey.NormalMd5(one), TextKey.NormalMd5(other));

    [Fact]
    public void TextsWithoutTheScript_AreLeftAsTheyAre()
    {
        const string Text = "Café  naïve, 12 Ünits";
        Assert.Same(Text, PersianForms.Same(Text));
    }

    /// <summary>A hundred forms: ten words with ten endings, joined, parted by a half-space or by a space.</summary>
    [Fact]
    public async Task Search_OfAWord_FindsItsUsualForms_HoweverTheyAreWritten()
    {
        string[] stems = ["کتاب", "مشتری", "سفارش", "حساب", "بانک", "پرداخت", "شکایت", "بسته", "دوست", "شهر"];
        string[] endings = ["ها", "های", "هایی", "هایم", "هایش", "تر", "ترین", "مان", "شان", "ام"];
        string[] joints = ["", "\u200C", " "];
        var forms = (
            from stem in stems
            from ending in endings
            select (Stem: stem, Form: stem + joints[(stem.Length + ending.Length) % joints.Length] + ending)
        ).ToList();
        var index = await IndexAsync([.. forms.Select(f => $"درباره {f.Form} پرسید"), "چیز دیگری نبود"]);
        foreach (var stem in stems)
        {
            var hits = await WordIndex.FindAsync(index, WordQuery.Parse(stem)!, 0, 200, Ct);
            var expected = forms.Select((f, i) => (f.Stem, Row: (long)i)).Where(f => f.Stem == stem).Select(f => f.Row);
            Assert.Equal(expected, hits.Positions.Order());
        }

        Assert.Equal(10, (await WordIndex.FindAsync(index, WordQuery.Parse("کتاب‌هایشان")!, 0, 200, Ct)).Total);
    }

    private async Task<string> IndexAsync(IReadOnlyList<string> prompts)
    {
        var version = await _folder.WriteAsync(
            prompts.Select((prompt, i) => CanonicalRow.Create(Generated.Id(i), i + 1, null, prompt, "a")),
            "rows"
        );
        var target = _folder.At("index");
        await WordIndex.BuildAsync(version.Path, target, _folder.At("scratch"), prompts.Count, new ImportLimits(), null, Ct);
        return target;
    }
}
