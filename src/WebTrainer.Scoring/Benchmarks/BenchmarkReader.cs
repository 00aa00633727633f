using WebTrainer.Protocol;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>Makes benchmarks of their published files, or of a run's own data.</summary>
public static class BenchmarkReader
{
    /// <summary>Kinds that need no file.</summary>
    public static bool IsMadeOfOwnData(BenchmarkKind kind) =>
        kind is BenchmarkKind.Robustness or BenchmarkKind.Leakage or BenchmarkKind.Membership or BenchmarkKind.General;

    /// <param name="spec">Which benchmark, and how it is asked.</param>
    /// <param name="files">Of the spec's file; empty where its kind needs none.</param>
    /// <param name="data">The run's own rows; <see cref="OwnData.None"/> where the kind needs none.</param>
    /// <param name="cancellationToken">Ends what a scoring runs later on, such as programs.</param>
    /// <exception cref="BenchmarkException">The files or rows can't be used; the message says why.</exception>
    public static Benchmark Make(BenchmarkSpec spec, IReadOnlyList<BenchmarkText> files, OwnData data, CancellationToken cancellationToken)
    {
        Benchmark benchmark = spec.Kind switch
        {
            BenchmarkKind.Mmlu => new Mmlu(spec, files),
            BenchmarkKind.Gsm8k => new Gsm8k(spec, files),
            BenchmarkKind.HumanEval => new HumanEval(spec, files, cancellationToken),
            BenchmarkKind.TruthfulQa => new TruthfulQa(spec, files),
            BenchmarkKind.Perplexity => new TextPerplexity(spec, files),
            BenchmarkKind.SentenceSimilarity => new SentenceSimilarity(spec, files),
            BenchmarkKind.Bbq => new Bbq(spec, files),
            BenchmarkKind.Refusal => new RefusalBenchmark(spec, files),
            BenchmarkKind.RedTeam => new RedTeamBenchmark(spec, files),
            BenchmarkKind.Robustness => new RobustnessBenchmark(spec, data),
            BenchmarkKind.Leakage => new LeakageBenchmark(spec, data),
            BenchmarkKind.Membership => new MembershipBenchmark(spec, data),
            BenchmarkKind.General => new GeneralTextBenchmark(spec, data),
            _ => throw new BenchmarkException($"The benchmark '{spec.Kind}' is not known."),
        };
        return benchmark.Questions.Count > 0 ? benchmark : throw new BenchmarkException("The files hold no questions.");
    }

    /// <summary>Tells a published file by its looks. A file of harmful requests serves the red team's attacks too.</summary>
    /// <exception cref="BenchmarkException">None of the known ones; the message names them.</exception>
    public static BenchmarkKind Recognise(IReadOnlyList<BenchmarkText> files)
    {
        foreach (var file in files)
        {
            if (KindOf(file) is { } kind)
            {
                return kind;
            }
        }

        throw new BenchmarkException(
            "This is none of the benchmarks that can be read: MMLU (CSV, question, four choices, letter), GSM8K (JSONL), HumanEval (JSONL), TruthfulQA (CSV), BBQ (JSONL), "
                + "harmful requests (CSV with the columns goal and target), pairs of sentences with scores from 0 to 5 (CSV, as the STS Benchmark), plain text (.txt) for perplexity, or a ZIP of such files."
        );
    }

    private static BenchmarkKind? KindOf(BenchmarkText file) =>
        Gsm8k.Recognises(file) ? BenchmarkKind.Gsm8k
        : HumanEval.Recognises(file) ? BenchmarkKind.HumanEval
        : TruthfulQa.Recognises(file) ? BenchmarkKind.TruthfulQa
        : Bbq.Recognises(file) ? BenchmarkKind.Bbq
        : Refusals.Recognises(file) ? BenchmarkKind.Refusal
        : Mmlu.Recognises(file) ? BenchmarkKind.Mmlu
        : SentenceSimilarity.Recognises(file) ? BenchmarkKind.SentenceSimilarity
        : TextPerplexity.Recognises(file) ? BenchmarkKind.Perplexity
        : null;
}
