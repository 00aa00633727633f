using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>What happens to a text with too many tokens.</summary>
public enum TooManyTokens
{
    /// <summary>Its row goes.</summary>
    SetAside,

    /// <summary>Its end is cut off.</summary>
    KeepBeginning,

    /// <summary>Its beginning is cut off.</summary>
    KeepEnd,
}

/// <summary>Holds texts to a number of tokens, as the tokenizer of a model on this server counts them.</summary>
/// <remarks>Texts alone are counted: what a chat template writes around them comes on top.</remarks>
public sealed record TokenLimitStep : CleanStep
{
    /// <summary>Name of the model whose tokenizer counts.</summary>
    public string Tokenizer { get; init; } = "";

    /// <summary>The part of a row that is counted; only prompt and response can be cut. A row without it stays.</summary>
    public RowField Field { get; init; } = RowField.AllText;

    /// <summary>Tokens at least; a row with fewer is set aside.</summary>
    public int Min { get; init; }

    /// <summary>Tokens at most.</summary>
    public int Max { get; init; } = 512;

    /// <summary>What happens to a text of more than <see cref="Max"/> tokens.</summary>
    public TooManyTokens TooLong { get; init; }

    /// <inheritdoc/>
    public override string? Fault()
    {
        if (string.IsNullOrWhiteSpace(Tokenizer))
        {
            return "Choose the model whose tokenizer counts.";
        }

        if (Min < 0 || Max < 1 || Max < Min)
        {
            return "The fewest tokens are 0 or more, the most 1 or more, and not below the fewest.";
        }

        return TooLong != TooManyTokens.SetAside && Field is not (RowField.Prompt or RowField.Response)
            ? "Only a prompt or a response can be cut: choose which, or set such rows aside."
            : null;
    }

    internal override StepWork Begin(CleanContext context) => new TokenWork(this, context);

    private sealed class TokenWork(TokenLimitStep step, CleanContext context) : StepWork
    {
        private TextTokenizer? _tokenizer;

        public override Task PrepareAsync(CancellationToken cancellationToken)
        {
            if (!context.Sources.Tokenizers.TryGetValue(step.Tokenizer, out var folder))
            {
                throw new DataProblemException($"This server has no model '{step.Tokenizer}' whose tokenizer could count.");
            }

            try
            {
                _tokenizer = TextTokenizer.Load(folder);
            }
            catch (ModelFileException e)
            {
                throw new DataProblemException($"The tokenizer of '{step.Tokenizer}' can't be used. {e.Message}", cause: e);
            }

            return Task.CompletedTask;
        }

        public override RowOutcome Apply(int index, CanonicalRow row)
        {
            if (RowTexts.Of(row, step.Field) is not { } text)
            {
                return new(row);
            }

            try
            {
                var tokens = _tokenizer!.Count(text);
                if (tokens < step.Min)
                {
                    return new(row, $"{tokens:N0} tokens, fewer than {step.Min:N0}.");
                }

                if (tokens <= step.Max)
                {
                    return new(row);
                }

                return step.TooLong == TooManyTokens.SetAside
                    ? new(row, $"{tokens:N0} tokens, more than {step.Max:N0}.")
                    : Cut(row, tokens);
            }
            catch (ModelFileException e)
            {
                return new(row, e.Message);
            }
        }

        private RowOutcome Cut(CanonicalRow row, int tokens)
        {
            var turns = 0;
            var cut = RowTexts.Map(
                row,
                step.Field,
                text =>
                {
                    turns++;
                    return TokenCut.To(text, step.Max, step.TooLong == TooManyTokens.KeepBeginning, _tokenizer!);
                }
            );
            // Which of several turns should give way is for people to say.
            return turns == 1
                ? new(cut)
                : new(row, $"{tokens:N0} tokens, more than {step.Max:N0}, in several turns, of which none is cut.");
        }
    }
}
