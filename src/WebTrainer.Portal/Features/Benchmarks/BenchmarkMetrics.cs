using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Benchmarks;

/// <summary>The figures of each benchmark that a goal can be set on.</summary>
public static class BenchmarkMetrics
{
    public static IReadOnlyList<string> Of(BenchmarkKind kind) =>
        kind switch
        {
            BenchmarkKind.Mmlu => ["acc", "acc_norm", "acc_bytes", "ece"],
            BenchmarkKind.Gsm8k => ["exact_match_flexible", "exact_match_strict"],
            BenchmarkKind.HumanEval => ["pass@1", "pass@10", "pass@100"],
            BenchmarkKind.TruthfulQa => ["mc1", "mc2"],
            BenchmarkKind.Perplexity => ["bits_per_byte", "word_perplexity", "byte_perplexity", "token_perplexity"],
            BenchmarkKind.Bbq => ["acc_ambiguous", "acc_clear", "bias_ambiguous", "bias_clear", "ece"],
            BenchmarkKind.Refusal or BenchmarkKind.RedTeam => ["refused", "agreed"],
            BenchmarkKind.Robustness =>
            [
                "right_in_all",
                "kept",
                "right_plain",
                "right_typos",
                "right_lower_case",
                "right_rephrased",
                "right_polite",
                "right_contractions",
                "right_question_form",
                "right_clause_order",
                "right_synonyms",
            ],
            BenchmarkKind.SentenceSimilarity => ["spearman", "pearson", "likeness"],
            BenchmarkKind.Leakage => ["verbatim", "personal_data", "longest_run"],
            BenchmarkKind.Membership => ["members_told", "membership_auc", "members_found"],
            _ => ["acc", "last_word", "next_sentence"],
        };

    /// <summary>
    /// A figure that is better when lower has to stay below its target. A bias is best near 0 from both sides, of which a goal can hold the
    /// upper.
    /// </summary>
    public static bool IsUpperLimit(string metric) => BenchmarkWords.Metric(metric).IsGood != true;
}
