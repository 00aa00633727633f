using WebTrainer.Embedding;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Scoring.Tests;

public sealed class ParaphraseTests
{
    /// <summary>Of several kinds of work, each a text that some rule fits.</summary>
    private static readonly string[] s_texts =
    [
        "How do I change the PIN of my card?",
        "What is the exchange rate for euros?",
        "Can I top up with a cheque?",
        "I want to close my account.",
        "Is it possible to cancel a transfer?",
        "If my card was stolen, can I still use the app?",
        "I can't log in because my phone is broken.",
        "My payment isn't showing and I don't know why.",
        "What are the symptoms of asthma?",
        "When the child has a fever, should we see a physician?",
        "I'm waiting for a refund that was delayed.",
        "How can I obtain a copy of the contract?",
        "The entire order arrived with the wrong items.",
        "Do not restart the server unless the backup has ended.",
        "Is medication allowed before the operation?",
        "Where is the nearest cash machine?",
    ];

    [Theory]
    [InlineData(Paraphrase.Contractions, "I can't log in and I don't know why.", "I cannot log in and I do not know why.")]
    [InlineData(Paraphrase.Contractions, "What is wrong? I am lost.", "What's wrong? I'm lost.")]
    [InlineData(Paraphrase.Contractions, "Where does the boat land?", null)]
    [InlineData(Paraphrase.QuestionForm, "How do I change my PIN?", "I would like to know how to change my PIN.")]
    [InlineData(Paraphrase.QuestionForm, "Can I top up with a cheque?", "Is it possible for me to top up with a cheque?")]
    [InlineData(Paraphrase.QuestionForm, "What is the capital of France?", "Can you tell me what the capital of France is?")]
    [InlineData(Paraphrase.QuestionForm, "What is going on with my card?", null)]
    [InlineData(Paraphrase.QuestionForm, "What is the card that you sent me?", null)]
    [InlineData(Paraphrase.QuestionForm, "Why is my card not working?", null)]
    [InlineData(Paraphrase.ClauseOrder, "If my card was stolen, can I still pay?", "Can I still pay if my card was stolen?")]
    [InlineData(Paraphrase.ClauseOrder, "I can't pay because my card is blocked.", "Because my card is blocked, I can't pay.")]
    [InlineData(Paraphrase.ClauseOrder, "Tell me if it works, please.", null)]
    [InlineData(Paraphrase.Synonyms, "Purchase it at once", "Buy it immediately")]
    [InlineData(Paraphrase.Synonyms, "The doctors were late", "The physicians were delayed")]
    [InlineData(Paraphrase.Synonyms, "Bigger is better", null)]
    public void Rule_RewritesWhatItFits_AndLeavesTheRest(string metric, string text, string? expected) =>
        Assert.Equal(expected, Paraphrase.All.Single(rewrite => rewrite.Metric == metric).Apply(text, new Random(1)));

    /// <summary>Every rewrite has to lie near its own text, and nearer than every other text does.</summary>
    [Fact]
    public void Rewrites_StayNearTheirText_ByTheEmbedder()
    {
        var embedder = new TextEmbedder();
        foreach (var text in s_texts)
        {
            embedder.Learn(text);
        }

        var random = new Random(1);
        var rewrites = (
            from text in s_texts
            from rule in Paraphrase.All
            let said = rule.Apply(text, random)
            where said is not null
            select (text, said, rule.Metric, Nearness: Near(embedder, text, said))
        ).ToList();
        Assert.Equal(Paraphrase.All.Count, rewrites.Select(r => r.Metric).Distinct().Count());
        Assert.All(
            rewrites,
            r =>
            {
                Assert.NotEqual(r.text, r.said);
                Assert.True(r.Nearness > 0.6, $"{r.Metric}: “{r.said}” is {r.Nearness:0.00} near “{r.text}”");
                Assert.True(
                    s_texts.Where(other => other != r.text).All(other => Near(embedder, other, r.said) < r.Nearness),
                    $"“{r.said}” is nearer to another text"
                );
            }
        );
        Assert.True(rewrites.Average(r => r.Nearness) > 0.8, $"{rewrites.Average(r => r.Nearness):0.00} on average");
    }

    [Fact]
    public void Rewrites_OfSenselessAndForeignTexts_DoNoHarm()
    {
        foreach (
            var text in (string[])
                [
                    "",
                    " ",
                    "?",
                    "12345",
                    "سلام، کارت من کار نمی‌کند",
                    new string('a', 50_000),
                    string.Concat(Enumerable.Repeat("if a, ", 5_000)),
                ]
        )
        {
            Assert.All(Paraphrase.All, rewrite => rewrite.Apply(text, new Random(1)));
        }
    }

    private static double Near(TextEmbedder embedder, string a, string b)
    {
        var (first, second) = (new sbyte[TextEmbedder.Dimensions], new sbyte[TextEmbedder.Dimensions]);
        embedder.Embed(a, first);
        embedder.Embed(b, second);
        return ByteVectors.Cosine(first, second);
    }
}
