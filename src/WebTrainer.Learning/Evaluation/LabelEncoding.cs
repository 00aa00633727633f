using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Labels as the tokens that a model is asked for.</summary>
internal static class LabelEncoding
{
    /// <summary>
    /// Each label with what ends an answer. Where the template has no end, or one that labels go on with, "refund" would be the beginning
    /// of "refund delayed", and never less likely: then the token that ends a text comes after all of them, as it does when the model
    /// answers by itself.
    /// </summary>
    /// <exception cref="ModelFileException">One label is the beginning of another, and the tokenizer has no token that ends a
    /// text.</exception>
    public static IReadOnlyList<int[]> Of(ConversationEncoder encoder, IReadOnlyList<string> labels)
    {
        int[][] tokens = [.. labels.Select(label => encoder.EncodeAnswer(label).ToArray())];
        if (FindBeginning(tokens) is not { } pair)
        {
            return tokens;
        }

        return encoder.Tokenizer.EndId is { } end
            ? [.. tokens.Select(label => (int[])[.. label, end])]
            : throw new ModelFileException(
                $"The label '{labels[pair.Short]}' is the beginning of '{labels[pair.Long]}', and neither the template nor the tokenizer has anything that ends an answer. Give the template an end of answers."
            );
    }

    /// <summary>
    /// A label whose tokens begin those of another; in order of their tokens each stands right before one that it begins.
    /// </summary>
    private static (int Short, int Long)? FindBeginning(int[][] tokens)
    {
        int[] order =
        [
            .. Enumerable
                .Range(0, tokens.Length)
                .OrderBy(label => tokens[label], Comparer<int[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))),
        ];
        foreach (var (shorter, longer) in order.Zip(order.Skip(1)))
        {
            if (tokens[shorter].Length < tokens[longer].Length && tokens[longer].AsSpan().StartsWith(tokens[shorter]))
            {
                return (shorter, longer);
            }
        }

        return null;
    }
}
