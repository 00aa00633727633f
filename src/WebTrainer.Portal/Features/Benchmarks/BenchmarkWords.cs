using WebTrainer.Portal.Components.Shared;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Benchmarks;

/// <summary>What a metric means, and which way is better.</summary>
/// <param name="IsShare">Shown in percent.</param>
/// <param name="IsGood">Higher is better (true), lower is (false), or neither (null).</param>
public sealed record MetricWord(string Title, string Meaning, bool IsShare, bool? IsGood);

/// <summary>Benchmarks and their metrics in words.</summary>
public static class BenchmarkWords
{
    public static string Title(BenchmarkKind kind) =>
        kind switch
        {
            BenchmarkKind.Mmlu => "MMLU",
            BenchmarkKind.Gsm8k => "GSM8K",
            BenchmarkKind.HumanEval => "HumanEval",
            BenchmarkKind.TruthfulQa => "TruthfulQA",
            BenchmarkKind.Perplexity => "Perplexity on text",
            BenchmarkKind.Bbq => "BBQ",
            BenchmarkKind.Refusal => "Harmful requests",
            BenchmarkKind.RedTeam => "Red team",
            BenchmarkKind.Robustness => "Robustness",
            BenchmarkKind.Leakage => "Leakage",
            BenchmarkKind.Membership => "Membership",
            BenchmarkKind.SentenceSimilarity => "Likeness of sentences",
            _ => "General text",
        };

    public static string Explain(BenchmarkKind kind) =>
        kind switch
        {
            BenchmarkKind.Mmlu => "Questions of many subjects with four choices; the likeliest choice counts.",
            BenchmarkKind.Gsm8k => "Word problems of grade-school maths; the answer's number counts, taken strictly and flexibly.",
            BenchmarkKind.HumanEval => "Python functions to be completed; their tests are run in a sandbox.",
            BenchmarkKind.TruthfulQa => "Questions that many people answer wrongly: does the model know better?",
            BenchmarkKind.Perplexity => "How well running text is foreseen, per word, byte and token.",
            BenchmarkKind.Bbq => "Does the model fall back on stereotypes where the text doesn't say?",
            BenchmarkKind.Refusal => "Harmful requests, as they are: are they refused?",
            BenchmarkKind.RedTeam =>
                "The same requests in disguise: role play, encodings, another language, injected instructions, a forced beginning.",
            BenchmarkKind.Robustness =>
                "The test rows with typing mistakes, in lower case, and in other words: does the answer stay right?",
            BenchmarkKind.Leakage => "Does the model say training rows, or personal data in them, by heart?",
            BenchmarkKind.Membership => "Can training rows be told from test rows by how likely the model finds their answers?",
            BenchmarkKind.SentenceSimilarity =>
                "Pairs of sentences with people's scores: do the encoder's vectors still tell how like they are? What falls by tuning was forgotten.",
            _ => "What the model still knows of general language; asked of every evaluation.",
        };

    public static MetricWord Metric(string name) =>
        name switch
        {
            "spearman" => new(
                "Rank correlation",
                "Spearman's correlation of the vectors' cosine with people's scores; 1 is best.",
                IsShare: false,
                IsGood: true
            ),
            "pearson" => new(
                "Correlation",
                "Pearson's correlation of the vectors' cosine with people's scores; 1 is best.",
                IsShare: false,
                IsGood: true
            ),
            "likeness" => Share(
                "Near the score",
                "1 less the distance of the cosine from the score, both on 0 to 1: by this models are compared pair by pair."
            ),
            "acc" => Share("Accuracy", "The likeliest choice is the right one."),
            "acc_norm" => Share("Accuracy, by length", "The same after dividing by the choice's characters."),
            "acc_bytes" => Share("Accuracy, by bytes", "The same after dividing by the choice's bytes."),
            "exact_match_strict" => Share("Right, strict", "The number after #### is right."),
            "exact_match_flexible" => Share("Right, flexible", "The last number anywhere is right."),
            "mc1" => Share("Best answer (mc1)", "The best answer is likelier than every false one."),
            "mc2" => Share("True answers (mc2)", "Share of the probability that true answers have."),
            "confidence" => new("Confidence", "Mean probability of the chosen answer among the choices.", IsShare: true, IsGood: null),
            "ece_debiased" => new(
                "Calibration error",
                "How far confidence lies from the share of right answers, without what chance adds to it on few rows; 0 is best.",
                IsShare: true,
                IsGood: false
            ),
            "ece" => new(
                "Calibration error with chance (ECE)",
                "The expected calibration error as it is usually computed (ten bins). Chance lifts it, so that it may lie above the interval, which is that of the true error.",
                IsShare: true,
                IsGood: false
            ),
            "brier" => new(
                "Brier score",
                "Mean squared distance of confidence from being right (1) or wrong (0); 0 is best, 0.25 is what always saying 50 % gives.",
                IsShare: false,
                IsGood: false
            ),
            "acc_ambiguous" => Share("Right where unclear", "Says that the text doesn't tell."),
            "acc_clear" => Share("Right where clear", "Says what the text tells."),
            "bias_ambiguous" => new(
                "Bias where unclear",
                "0 is fair; above it the stereotype wins, below it its opposite.",
                IsShare: false,
                IsGood: null
            ),
            "bias_clear" => new(
                "Bias where clear",
                "0 is fair; above it the stereotype wins against the text.",
                IsShare: false,
                IsGood: null
            ),
            "refused" => Share("Refused", "The answer opens with a refusal."),
            "agreed" => new("Agreed", "The answer begins to do what was asked.", IsShare: true, IsGood: false),
            "right_in_all" => Share(
                "Right in every form",
                "Right as typed, with typing mistakes, in lower case and in every way of saying it otherwise."
            ),
            "right_plain" => Share("As typed", "Right as the rows stand."),
            "right_typos" => Share("With typing mistakes", "Right in spite of them."),
            "right_lower_case" => Share("In lower case", "Right without capitals and marks."),
            "right_rephrased" => Share("In other words", "Right in every way of saying it otherwise that fits the row."),
            "right_polite" => Share("Politely", "Right with a greeting, a please or thanks around it."),
            "right_contractions" => Share("Short and long forms", "Right with don't for do not, or the other way."),
            "right_question_form" => Share("Asked otherwise", "Right with “How do I …?” as “I would like to know how to …”, and the like."),
            "right_clause_order" => Share("Clauses turned", "Right with “If A, B” as “B if A”, or the other way."),
            "right_synonyms" => Share("Other words", "Right with words exchanged for others of the same sense."),
            "kept" => Share("Kept", "Of the rows right as typed, those that stay right in every form."),
            "verbatim" => new("Said by heart", "Went on with the training row's own next words.", IsShare: true, IsGood: false),
            "personal_data" => new("Personal data said", "Of rows with personal data: it came out.", IsShare: true, IsGood: false),
            "longest_run" => new(
                "Words in common",
                "Words of the row's own continuation before the first other one.",
                IsShare: false,
                IsGood: false
            ),
            "members_told" => new(
                "Training row is likelier",
                "Of pairs of a training and a test row: the model finds the training row's answer likelier. 50 % is guessing.",
                IsShare: true,
                IsGood: false
            ),
            "membership_auc" => new(
                "Told apart (AUC)",
                "Area under the curve of an attack that tells training rows by their losses; 0.5 is guessing.",
                IsShare: false,
                IsGood: false
            ),
            "members_found" => new(
                "Surely found",
                "Training rows that the attack finds where it takes at most 1 % of other rows for such.",
                IsShare: true,
                IsGood: false
            ),
            "last_word" => Share("Last word", "The passage's last word is told from three others."),
            "next_sentence" => Share("Next sentence", "The true next sentence is told from three others."),
            "bits_per_byte" => new("Bits per byte", "Comparable between all models.", IsShare: false, IsGood: false),
            "word_perplexity" => new("Perplexity per word", "Comparable between all models.", IsShare: false, IsGood: false),
            "byte_perplexity" => new("Perplexity per byte", "Comparable between all models.", IsShare: false, IsGood: false),
            "token_perplexity" => new(
                "Perplexity per token",
                "Only between models with the same tokenizer.",
                IsShare: false,
                IsGood: false
            ),
            _ when name.StartsWith("pass@", StringComparison.Ordinal) => Share(name, "At least one of so many programs passes all tests."),
            _ => Share(name, ""),
        };

    /// <summary>What a model does where the metric is 1: "run-2 refuses 5 more of 32 questions".</summary>
    public static string Verb(string metric) =>
        metric switch
        {
            "refused" => "refuses",
            "verbatim" => "says by heart",
            "members_told" => "tells the training row on",
            _ => "is right on",
        };

    public static string Value(string metric, double value) => Metric(metric).IsShare ? Format.Percent(value) : Format.Number(value, 2);

    public static string Interval(string metric, double low, double high) =>
        Metric(metric).IsShare ? Format.Interval(low, high) : $"{Format.Number(low, 2)} – {Format.Number(high, 2)}";

    private static MetricWord Share(string title, string meaning) => new(title, meaning, IsShare: true, IsGood: true);
}
