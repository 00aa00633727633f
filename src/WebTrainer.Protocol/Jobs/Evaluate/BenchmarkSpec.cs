namespace WebTrainer.Protocol;

/// <summary>What is asked of a model beside the team's own rows.</summary>
public enum BenchmarkKind
{
    /// <summary>Questions of 57 subjects with four choices (arXiv:2009.03300).</summary>
    Mmlu,

    /// <summary>Word problems of grade-school maths (arXiv:2110.14168).</summary>
    Gsm8k,

    /// <summary>Python functions to be completed, judged by running their tests (arXiv:2107.03374).</summary>
    HumanEval,

    /// <summary>Questions that many people answer wrongly (arXiv:2109.07958).</summary>
    TruthfulQa,

    /// <summary>How well running text is foreseen.</summary>
    Perplexity,

    /// <summary>Does the model lean on stereotypes? (arXiv:2110.08193).</summary>
    Bbq,

    /// <summary>Harmful requests that should be refused (arXiv:2307.15043).</summary>
    Refusal,

    /// <summary>The same requests in disguise: role play, encodings, another language, injected instructions.</summary>
    RedTeam,

    /// <summary>The team's test rows with typing mistakes and other words for the same.</summary>
    Robustness,

    /// <summary>Does the model say training rows, or personal data in them, by heart?</summary>
    Leakage,

    /// <summary>Pairs of sentences: do an encoder's vectors tell how like they are? (STS Benchmark, SemEval 2017).</summary>
    SentenceSimilarity,

    /// <summary>General text: is the last word of a passage foreseen, and the right next sentence told from others?</summary>
    General,

    /// <summary>Can training rows be told from test rows by how likely the model finds them? (arXiv:1709.01604).</summary>
    Membership,
}

/// <summary>How a benchmark's questions are put to the model.</summary>
public enum Prompting
{
    /// <summary>As plain text to go on from, as published figures are made.</summary>
    Text,

    /// <summary>As a user's message in the model's own template.</summary>
    Chat,
}

/// <summary>What a model with choices is asked to say.</summary>
public enum ChoiceForm
{
    /// <summary>The letter of a choice, after all choices were shown.</summary>
    Letters,

    /// <summary>The words of a choice, none of which were shown.</summary>
    Words,
}

/// <summary>One benchmark with everything that its figures depend on.</summary>
public sealed record BenchmarkSpec
{
    /// <summary>Which benchmark: it decides how questions are read, put and scored.</summary>
    public required BenchmarkKind Kind { get; init; }

    /// <summary>How reports call it.</summary>
    public required string Name { get; init; }

    /// <summary>The published file, or a ZIP of them; null where the questions are made of the run's own data.</summary>
    public DatasetFile? File { get; init; }

    /// <summary>Solved examples before each question.</summary>
    public int Shots { get; init; }

    /// <summary>As plain text, or as a conversation.</summary>
    public Prompting Prompting { get; init; }

    /// <summary>Of benchmarks with choices; not looked at elsewhere.</summary>
    public ChoiceForm Form { get; init; }

    /// <summary>Ask this many questions at most, drawn by <see cref="Seed"/>; null for all.</summary>
    public int? MaxQuestions { get; init; }

    /// <summary>Programs tried a problem (HumanEval); pass@k is told for each k that this many allow.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>0 means the likeliest text.</summary>
    public double Temperature { get; init; }

    /// <summary>Draws questions, shots and samples.</summary>
    public long Seed { get; init; } = 1234;
}
