using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Templates;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Tests;

public sealed class LearnedTurnsTests : IDisposable
{
    private const string Turns = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}";
    private const string Follows = "{% if add_generation_prompt %}<|assistant|>{% endif %}";

    /// <summary>Earlier answers lose their thoughts, as with Qwen3.</summary>
    private const string Forgets =
        "{% for m in messages %}<|{{ m.role }}|>{% if m.role == 'assistant' and not loop.last %}{{ m.content.split('</think>')[-1] }}{% else %}{{ m.content }}{% endif %}<|end|>{% endfor %}"
        + Follows;

    /// <summary>As SmolLM3 and others mark it.</summary>
    private const string MarksGeneration = """
        {%- for m in messages -%}
        {%- if m.role == 'assistant' -%}
            <|assistant|>{% generation %}{{ m.content }}<|end|>{% endgeneration %}
        {%- else -%}
            <|{{ m.role }}|>{{ m.content }}<|end|>
        {%- endif -%}
        {%- endfor -%}
        {%- if add_generation_prompt -%}<|assistant|>{%- endif -%}
        """;

    private static readonly ChatMessage[] s_talk =
    [
        new("system", "the card"),
        new("user", "lost"),
        new("assistant", "refund"),
        new("user", "phone"),
        new("assistant", "exchange"),
    ];

    private readonly TemporaryFolder _folder = new();

    public LearnedTurnsTests() => TokenizerWriter.Write(TinyModel.Vocabulary(), _folder.Path, contextTokens: 64);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(Turns + Follows)]
    public void AllAnswers_AreLearned_EachWithItsEnd_InOneSequence(string? template)
    {
        var row = Assert.Single(Encode(template, LearnedTurns.All));
        Assert.Equal(["refund<|end|>", "exchange<|end|>"], Learned(row));
        Assert.Equal(row.LearnedTokens, row.Tokens.Where((_, i) => row.Learns(i)).Count());
    }

    [Fact]
    public void LastAnswer_IsTheOnlyOneLearnedUnlessSomebodySaysOtherwise() =>
        Assert.Equal(["exchange<|end|>"], Learned(Assert.Single(Encode(template: null, new TrainingSettings().LearnedTurns))));

    [Fact]
    public void AnswerOfWeightNought_IsReadAndNotLearned()
    {
        ChatMessage[] talk = [s_talk[0], s_talk[1], s_talk[2] with { Weight = 0 }, s_talk[3], s_talk[4]];
        var row = Assert.Single(Encode(Turns + Follows, LearnedTurns.All, talk));
        Assert.Equal(["exchange<|end|>"], Learned(row));
        Assert.Contains("refund", Tokenizer().Decode([.. row.Tokens]), StringComparison.Ordinal);
        Assert.Equal(["exchange<|end|>"], Learned(Assert.Single(Encode(MarksGeneration, LearnedTurns.Template, talk))));
    }

    [Theory]
    [InlineData(LearnedTurns.Last)]
    [InlineData(LearnedTurns.All)]
    [InlineData(LearnedTurns.Template)]
    public void ConversationOfWhichNothingMayBeLearned_IsRefused(LearnedTurns turns)
    {
        var refusal = Assert.Throws<DataException>(() =>
            Encode(MarksGeneration, turns, [new("user", "a"), new("assistant", "b") { Weight = 0 }]).ToList()
        );
        Assert.Contains("weight 0", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>An answer is then learned as it will be asked for.</summary>
    [Fact]
    public void TemplateThatShowsEarlierAnswersOtherwise_GivesASequenceForEach()
    {
        ChatMessage[] talk =
        [
            new("user", "lost"),
            new("assistant", "<think>t</think>refund"),
            new("user", "phone"),
            new("assistant", "no"),
        ];
        var rows = Encode(Forgets, LearnedTurns.All, talk).ToList();
        Assert.Equal(2, rows.Count);
        Assert.Equal(["<think>t</think>refund<|end|>"], Learned(rows[0]));
        Assert.Equal(["no<|end|>"], Learned(rows[1]));
    }

    [Fact]
    public void TemplatesOwnMarks_SayWhatIsLearned()
    {
        var row = Assert.Single(Encode(MarksGeneration, LearnedTurns.Template));
        Assert.Equal(["refund<|end|>", "exchange<|end|>"], Learned(row));
        var plain = Assert.Single(Encode(MarksGeneration, LearnedTurns.All));
        Assert.Equal(plain.Tokens, row.Tokens);
    }

    [Fact]
    public void TemplateWithoutMarks_IsRefusedByASentence()
    {
        var refusal = Assert.Throws<ModelFileException>(() => Encode(Turns + Follows, LearnedTurns.Template));
        Assert.Contains("{% generation %}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TooLongAConversation_LosesItsLeftEnd_AndTheStretchesMove()
    {
        var talk = s_talk.Prepend(new("user", new string('q', 60))).ToArray();
        var row = Assert.Single(Encode(Turns + Follows, LearnedTurns.All, talk, context: 30));
        Assert.True(row.Truncated);
        Assert.Equal(30, row.Tokens.Length);
        Assert.Equal("exchange<|end|>", Learned(row)[^1]);
    }

    [Fact]
    public void PromptDropout_LeavesOutOfTheFirstPromptOnly_AndTheStretchesMove()
    {
        var row = Assert.Single(Encode(Turns + Follows, LearnedTurns.All));
        var dropped = new PromptDropout(0.9, Tokenizer().IsSpecial, seed: 3).Apply(row, 1, 1);
        Assert.True(dropped.Tokens.Length < row.Tokens.Length);
        Assert.Equal(Learned(row), Learned(dropped));
        using var batch = Batch.Of([dropped], paddingId: 0, TorchSharp.torch.CPU);
        Assert.Equal(dropped.LearnedTokens, batch.LearnedTokens);
    }

    [Fact]
    public void FirstBatchOfThePlan_ShowsWhatIsLearned()
    {
        var spec = TinyModel.Spec(_folder);
        List<DatasetRow> rows = [.. Enumerable.Range(0, 8).Select(i => new DatasetRow($"r{i}", s_talk))];
        spec = spec with
        {
            Training = spec.Training with { LearnedTurns = LearnedTurns.All },
            Data = new DatasetFiles { Train = TinyModel.WriteRows(_folder.File("talks.jsonl"), rows) },
        };
        var folder = new RunFolder(_folder.Path);
        using var events = new EventWriter(folder.Events);
        new PlanJob(TestJobs.Context(folder, new PlanSpec(spec), events)).Run(TestContext.Current.CancellationToken);
        var plan = JsonSerializer.Deserialize<RunPlan>(File.ReadAllText(folder.Plan), ProtocolJson.Document)!;
        Assert.Equal(
            "refund<|end|>exchange<|end|>",
            string.Concat(plan.FirstBatch[0].Tokens.Where(token => token.Learned).Select(token => token.Text))
        );
    }

    private IEnumerable<TokenRow> Encode(string? template, LearnedTurns turns, ChatMessage[]? talk = null, int context = 64)
    {
        var tokenizer = Tokenizer();
        IChatFormat format = template is null
            ? new PatternFormat(PromptTemplate.Chat)
            : new JinjaFormat(template, new Dictionary<string, string>(), tokenizer.Controls);
        return new TurnEncoder(new ConversationEncoder(tokenizer, format, context), turns).Encode(new DatasetRow("r", talk ?? s_talk));
    }

    private TextTokenizer Tokenizer() => TextTokenizer.Load(_folder.Path);

    /// <summary>Stretches of learned tokens as text.</summary>
    private List<string> Learned(TokenRow row)
    {
        var (stretches, tokenizer) = (new List<string>(), Tokenizer());
        for (var i = 0; i < row.Tokens.Length; i++)
        {
            if (!row.Learns(i))
            {
                continue;
            }

            if (!row.Learns(i - 1))
            {
                stretches.Add("");
            }

            stretches[^1] += System.Text.Encoding.UTF8.GetString(tokenizer.BytesOf(row.Tokens[i]));
        }

        return stretches;
    }
}
