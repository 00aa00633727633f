using Microsoft.ML.Tokenizers;

namespace WebTrainer.Tokenizing;

/// <summary>Cuts a text by a pattern before pairs are merged.</summary>
internal sealed class SplitPreTokenizer(SplitPattern pattern) : Microsoft.ML.Tokenizers.PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => pattern.Parts(text);

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => pattern.Parts(text.ToString());
}
