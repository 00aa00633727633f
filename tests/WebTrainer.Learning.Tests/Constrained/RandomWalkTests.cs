using System.Text;
using System.Text.Json;
using WebTrainer.Learning.Generation.Constrained;
using WebTrainer.Protocol;
using WebTrainer.Statistics;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Tests.Constrained;

/// <summary>Whatever is drawn of the tokens that are allowed, the answer holds to its constraint.</summary>
public sealed class RandomWalkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Walks_ThroughRandomSchemas_GiveJsonThatValidates(bool pieces)
    {
        var (tokenizer, trie) = Vocabulary(pieces);
        CsCheck.Check.Sample(
            CsCheck.Gen.Int[0, 1_000_000],
            seed =>
            {
                var schema = new RandomSchema(seed).Make(depth: 3).ToJsonString();
                var grammar = Grammar(new() { Schema = JsonDocument.Parse(schema).RootElement }, trie, tokenizer);
                var text = Walk(grammar, tokenizer, seed, most: 120 + grammar.End(grammar.Start)!.Count);
                Assert.True(HeldAnswer.Holds(schema, text), schema + " does not take " + text);
            },
            iter: 300,
            threads: 1
        );
    }

    /// <summary>What the shortest answer has room for always ends, however the draws go.</summary>
    [Fact]
    public void Walk_OfAsFewTokensAsTheShortestAnswerHas_StillEnds()
    {
        var (tokenizer, trie) = Vocabulary(pieces: false);
        for (var seed = 0; seed < 60; seed++)
        {
            var schema = new RandomSchema(seed).Make(depth: 3).ToJsonString();
            var grammar = Grammar(new() { Schema = JsonDocument.Parse(schema).RootElement }, trie, tokenizer);
            Assert.True(HeldAnswer.Holds(schema, Walk(grammar, tokenizer, seed, grammar.End(grammar.Start)!.Count + (seed % 3))));
        }
    }

    [Fact]
    public void Walks_ThroughAnyObject_GiveObjects()
    {
        var (tokenizer, trie) = Vocabulary(pieces: true);
        var grammar = Grammar(AnswerConstraint.AnyObject, trie, tokenizer);
        for (var seed = 0; seed < 100; seed++)
        {
            using var answer = JsonDocument.Parse(Walk(grammar, tokenizer, seed, most: 200));
            Assert.Equal(JsonValueKind.Object, answer.RootElement.ValueKind);
        }
    }

    [Fact]
    public void Walks_ThroughChoices_ReachEachOfThem_AndNothingElse()
    {
        string[] choices = ["lost_card", "lost", "lost_phone", "Überweisung", "سلام"];
        var (tokenizer, trie) = Vocabulary(pieces: true);
        var grammar = Grammar(new() { Choices = choices }, trie, tokenizer);
        var said = Enumerable.Range(0, 300).Select(seed => Walk(grammar, tokenizer, seed, most: 60)).ToHashSet();
        Assert.Equal(choices.Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(new string[0], "1 to 1000")]
    [InlineData(new[] { "a", "" }, "empty")]
    [InlineData(new[] { " a" }, "white space")]
    public void Choices_ThatAreNone_AreRefused(string[] choices, string why)
    {
        var (tokenizer, trie) = Vocabulary(pieces: false);
        Assert.Contains(
            why,
            Assert.Throws<ConstraintException>(() => Grammar(new() { Choices = choices }, trie, tokenizer)).Message,
            StringComparison.Ordinal
        );
    }

    private (TextTokenizer Tokenizer, TokenTrie Trie) Vocabulary(bool pieces)
    {
        if (pieces)
        {
            SmallPieces.Write(
                _folder.Path,
                """{"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]},"pre_tokenizer":null}"""
            );
        }
        else
        {
            TokenizerWriter.Write(TinyModel.Vocabulary(), _folder.Path, contextTokens: 64);
        }

        var tokenizer = TextTokenizer.Load(_folder.Path);
        Assert.Equal(pieces, tokenizer.LeadingSpace);
        return (tokenizer, new TokenTrie(tokenizer, Ends(tokenizer)));
    }

    private static HashSet<int> Ends(TextTokenizer tokenizer) => [tokenizer.EndId!.Value];

    private static TokenGrammar Grammar(AnswerConstraint constraint, TokenTrie trie, TextTokenizer tokenizer) =>
        new(constraint, trie, tokenizer.LeadingSpace);

    /// <returns>The answer, which ends by itself or, like a number to which digits could still be added, where the tokens do.</returns>
    private static string Walk(TokenGrammar grammar, TextTokenizer tokenizer, long seed, int most)
    {
        var (random, ends, tokens) = (SplitMix.Of(seed, 1), Ends(tokenizer), new List<int>());
        var answer = new ConstrainedAnswer(grammar, tokenizer, ends);
        var scores = new float[tokenizer.Size + 5]; // models have rows that no token belongs to
        while (!answer.IsOver && tokens.Count < most)
        {
            for (var i = 0; i < scores.Length; i++)
            {
                scores[i] = (float)random.Share();
            }

            answer.Forbid(scores);
            if (answer.Take(Generation.Sampler.Highest(scores), most - tokens.Count - 1) is not { } token || ends.Contains(token))
            {
                break;
            }

            tokens.Add(token);
        }

        return Text();

        string Text()
        {
            var bytes = tokens.SelectMany(token => tokenizer.BytesOf(token).ToArray()).ToArray();
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return tokenizer.LeadingSpace && text.StartsWith(' ') ? text[1..] : text;
        }
    }
}
