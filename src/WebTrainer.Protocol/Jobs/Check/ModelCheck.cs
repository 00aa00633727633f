using System.Text.Json.Serialization;

namespace WebTrainer.Protocol;

/// <summary>A model was loaded and has answered.</summary>
/// <param name="Parameters">Numbers among its weights.</param>
/// <param name="ContextTokens">Longest sequence that it reads.</param>
/// <param name="Vocabulary">Rows of its embedding, which may be more than the tokenizer's tokens.</param>
/// <param name="LoadSeconds">From nothing to ready.</param>
/// <param name="Answer">What it made of a greeting, greedily; empty where it is an encoder.</param>
/// <param name="TokensPerSecond">New tokens of the answer to a greeting; of an encoder, tokens of the two sentences that it read.</param>
/// <param name="MemoryBytes">Highest resident memory.</param>
public sealed record ModelCheck(
    long Parameters,
    int ContextTokens,
    int Vocabulary,
    double LoadSeconds,
    string Answer,
    double TokensPerSecond,
    long MemoryBytes
)
{
    /// <summary>Where it is an encoder: the cosine of the two sentences it was given.</summary>
    public double? Likeness { get; init; }

    /// <summary>
    /// Where it is a decoder: how well it predicts a page of each of some languages; empty in checks of before it was measured.
    /// </summary>
    public IReadOnlyList<PageReading> Readings { get; init; } = [];

    /// <summary>Where an adapter was tried: what it is; null where a model was.</summary>
    public MethodSpec? Adapter { get; init; }

    /// <summary>
    /// Where an adapter was tried: how well its base predicts the pages alone. <see cref="Readings"/> are with the adapter.
    /// </summary>
    public IReadOnlyList<PageReading> BaseReadings { get; init; } = [];

    /// <summary>
    /// What is to be said of how it reads; null where all is well. A model need not know each language, so that the page counts which it
    /// reads best.
    /// </summary>
    [JsonIgnore]
    public string? ReadingProblem =>
        Readings.MinBy(page => page.BitsPerByte / page.Baseline) is not { IsFarWorse: true } ? null
        : Adapter is not null
            ? "With this adapter the base reads text far worse than it should: probably the adapter was made for another base or is read wrongly here, unless it was made for labels or another narrow task, or the base reads so badly by itself."
        : "This model reads text far worse than it should: probably it is read wrongly here, unless it knows none of the pages' languages.";

    /// <summary>What an encoder is asked to compare.</summary>
    public static (string First, string Second) Sentences { get; } = ("Where is my new card?", "The card that I ordered has not arrived.");
}

/// <summary>How well a decoder predicts a page of plain text, in bits a byte, which compare with any tokenizer; less is better.</summary>
/// <param name="Language">Of the page, in English.</param>
/// <param name="BitsPerByte">Of the model.</param>
/// <param name="CountedBitsPerByte">Of somebody who knows only how often each of its tokens stands on the page.</param>
/// <param name="CompressedBitsPerByte">Of a general compressor of texts (Brotli), which has learned no language.</param>
/// <param name="SightGain">Bits a token that the model gains by all that stands before on the page, over the last eight tokens.</param>
public sealed record PageReading(
    string Language,
    double BitsPerByte,
    double CountedBitsPerByte,
    double CompressedBitsPerByte,
    double SightGain
)
{
    /// <summary>
    /// Whoever has learned the language does better than those who only count words or look for what stood there already, and better with
    /// the page in sight than with a few words of it: where more to read makes it worse, places or order are read otherwise than they were
    /// learned.
    /// </summary>
    [JsonIgnore]
    public bool IsFarWorse => !(BitsPerByte < Baseline && SightGain > 0);

    /// <summary>What needs no language, in bits a byte.</summary>
    [JsonIgnore]
    public double Baseline => Math.Min(CountedBitsPerByte, CompressedBitsPerByte);
}
