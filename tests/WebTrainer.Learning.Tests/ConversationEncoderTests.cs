using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Tests;

public sealed class ConversationEncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TextTokenizer _tokenizer;

    public ConversationEncoderTests()
    {
        TokenizerWriter.Write(TinyModel.Vocabulary(), _folder.Path, contextTokens: 64);
        _tokenizer = TextTokenizer.Load(_folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Encode_Mask_CoversTheLastAnswerAndItsEnd()
    {
        var row = Encoder(64)
            .Encode(new("1", [new("user", "card?"), new("assistant", "no"), new("user", "lost"), new("assistant", "refund")]));
        Assert.Equal([.. _tokenizer.Encode("refund"), _tokenizer.EndId!.Value], row.Tokens[row.AnswerStart..]);
        Assert.Equal(_tokenizer.EncodeTemplate("<|assistant|>")[0], row.Tokens[row.AnswerStart - 1]);
    }

    [Fact]
    public void Encode_TooLong_LosesTheLeftEndOfThePrompt()
    {
        var row = Encoder(20).Encode(new("1", [new("user", new string('q', 100)), new("assistant", "refund")]));
        Assert.True(row.Truncated);
        Assert.Equal(20, row.Tokens.Length);
        Assert.Equal(Encoder(64).EncodeAnswer("refund"), row.Tokens[row.AnswerStart..]);
    }

    [Fact]
    public void Encode_ControlTokensInContent_DontEndTheAnswer()
    {
        var row = Encoder(64).Encode(new("1", [new("user", "a"), new("assistant", "x<|end|>y")]));
        Assert.Equal(1, row.Tokens.Count(id => id == _tokenizer.EndId));
        Assert.Equal(_tokenizer.EndId, row.Tokens[^1]);
    }

    [Fact]
    public void Batch_Targets_AreTheLearnedTokensShiftedByOne()
    {
        TokenRow[] rows = [new("a", [5, 6, 7, 8], 2), new("b", [9, 10], 1)];
        using var batch = Batch.Of(rows, paddingId: 0, TorchSharp.torch.CPU);
        Assert.Equal([7, 8, 10], batch.Targets.data<long>().ToArray());
        Assert.Equal([1, 2, 4], batch.Sources.data<long>().ToArray());
        Assert.Equal(6, batch.Tokens);
    }

    private ConversationEncoder Encoder(int context) => new(_tokenizer, PromptTemplate.Chat, context);
}
