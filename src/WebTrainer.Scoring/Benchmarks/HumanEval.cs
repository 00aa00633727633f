using System.Globalization;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Sandbox;
using WebTrainer.Statistics;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>
/// HumanEval (Chen et al., arXiv:2107.03374): the model completes a function, whose tests are then run in a sandbox. Told as pass@k: the
/// chance that at least one of k programs passes, estimated without bias from all that were drawn.
/// </summary>
public sealed class HumanEval : Benchmark
{
    private const int MaxNewTokens = 384;
    private static readonly int[] s_ks = [1, 5, 10, 20, 50, 100];

    /// <summary>Where a completion leaves the function.</summary>
    private static readonly string[] s_stops = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"];

    private readonly CodeSandbox _sandbox = new();
    private readonly CancellationToken _cancellation;
    private readonly int _samples;
    private readonly Dictionary<string, Item> _items = new(StringComparer.Ordinal);

    private sealed record Item(string Id, string Prompt, string EntryPoint, string Solution, string Test);

    /// <param name="spec">Says how many programs are drawn a problem.</param>
    /// <param name="files">JSONL, a problem a line.</param>
    /// <param name="cancellationToken">Ends a scoring that runs programs.</param>
    public HumanEval(BenchmarkSpec spec, IReadOnlyList<BenchmarkText> files, CancellationToken cancellationToken)
    {
        (_samples, _cancellation) = (spec.Samples, cancellationToken);
        var items = QuestionDraw.Some([.. files.SelectMany(Read)], spec.MaxQuestions, spec.Seed);
        Questions = [.. items.Select(item => Make(spec, item))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<BenchmarkQuestion> Questions { get; }

    /// <inheritdoc/>
    public override string MainMetric => Pass(1);

    /// <summary>Name of the metric for k programs.</summary>
    /// <param name="k">From 1.</param>
    public static string Pass(int k) => string.Create(CultureInfo.InvariantCulture, $"pass@{k}");

    /// <summary>
    /// Runs each program with the problem's tests in a sandbox, as many at once as there are processors, and estimates pass@k for each k up
    /// to the number drawn.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled while programs ran.</exception>
    public override QuestionScore Score(BenchmarkQuestion question, IReadOnlyList<ModelResponse> responses)
    {
        var item = _items[question.Id];
        var results = new SandboxResult[responses.Count];
        Parallel.For(
            0,
            responses.Count,
            new ParallelOptions { CancellationToken = _cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount },
            i => results[i] = _sandbox.RunAsync(Program(item, responses[i].Text), _cancellation).GetAwaiter().GetResult()
        );
        var passed = results.Count(result => result.Passed);
        return new(
            responses[0].Text,
            s_ks.Where(k => k <= _samples).ToDictionary(Pass, k => PassAtK.Of(responses.Count, passed, k), StringComparer.Ordinal)
        );
    }

    internal static bool Recognises(BenchmarkText file) =>
        file.Text.StartsWith("{\"task_id\"", StringComparison.Ordinal) && file.Text.Contains("\"entry_point\"", StringComparison.Ordinal);

    private static string Program(Item item, string completion) =>
        $"{item.Prompt}{completion}\n\n{item.Test}\n\ncheck({item.EntryPoint})\n";

    private BenchmarkQuestion Make(BenchmarkSpec spec, Item item)
    {
        _items[item.Id] = item;
        var prompt = Prompt.Of(spec.Prompting, item.Prompt);
        var requests = Enumerable
            .Range(0, spec.Samples)
            .Select(sample => new TextRequest(prompt, MaxNewTokens, s_stops)
            {
                Temperature = spec.Temperature,
                Seed = spec.Seed,
                Sample = sample,
            });
        return new(item.Id, "", item.Prompt, item.Solution, [.. requests]);
    }

    private static List<Item> Read(BenchmarkText file) =>
        Table.Jsonl(
            file,
            row =>
            {
                string Text(string name) => row.GetProperty(name).GetString()!;
                var entry = Text("entry_point");
                return entry.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
                    ? new Item(Text("task_id"), Text("prompt"), entry, Text("canonical_solution"), Text("test"))
                    : throw new FormatException("'entry_point' is no name of a function.");
            }
        );
}
