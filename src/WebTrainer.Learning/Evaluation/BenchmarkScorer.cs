using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;
using WebTrainer.Scoring.Sandbox;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Asks every model the questions of one benchmark, and reports what came of it.</summary>
internal sealed class BenchmarkScorer
{
    private readonly BenchmarkSpec _spec;
    private readonly Benchmark? _benchmark;
    private string? _refusal;
    private readonly List<ModelRequest> _requests = [];
    private readonly List<(string Model, ModelKind Kind, QuestionScore[] Scores)> _judged = [];

    private BenchmarkScorer(BenchmarkSpec spec, Benchmark? benchmark, string? refusal)
    {
        (_spec, _benchmark, _refusal) = (spec, benchmark, refusal);
        _requests.AddRange(benchmark?.Questions.SelectMany(question => question.Requests) ?? []);
    }

    /// <summary>Requests that <see cref="Run"/> makes.</summary>
    public int Requests => _requests.Count;

    /// <summary>
    /// Reads the questions. What can't be asked here is refused in the report, with the reason, and holds up nothing else.
    /// </summary>
    public static async Task<BenchmarkScorer> ReadAsync(BenchmarkSpec spec, OwnData data, CancellationToken cancellationToken)
    {
        if (spec.Kind == BenchmarkKind.HumanEval && await CodeSandbox.WhyUnavailableAsync(cancellationToken) is { } reason)
        {
            return new(spec, null, reason);
        }

        try
        {
            var files = spec.File is { } file ? BenchmarkFiles.Read(DatasetReader.Checked(file), spec.Name) : [];
            return new(spec, BenchmarkReader.Make(spec, files, data, cancellationToken), null);
        }
        catch (BenchmarkException exception)
        {
            return new(spec, null, exception.Message);
        }
    }

    public void Run(string name, ModelKind kind, IModelRunner runner, EvaluationProgress progress, CancellationToken cancellationToken)
    {
        _refusal ??= _requests.Select(runner.WhyNot).FirstOrDefault(reason => reason is not null);
        if (_benchmark is null || _refusal is not null)
        {
            return;
        }

        progress.Stage = $"{name}: {_spec.Name}";
        var responses = runner.Run(_requests, progress.Add, cancellationToken);
        var scores = new QuestionScore[_benchmark.Questions.Count];
        var at = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var question = _benchmark.Questions[i];
            scores[i] = _benchmark.Score(question, responses[at..(at += question.Requests.Count)]);
        }

        _judged.Add((name, kind, scores));
    }

    /// <summary>Writes each question with all answers, and gives the figures.</summary>
    /// <param name="path">File to write; none where the benchmark was refused.</param>
    public BenchmarkReport Report(string path)
    {
        if (_benchmark is null || _refusal is not null)
        {
            return new(_spec, 0, "", [], []) { Refusal = _refusal };
        }

        WriteQuestions(path);
        return new(
            _spec,
            _benchmark.Questions.Count,
            _benchmark.MainMetric,
            [
                .. _judged.Select(judged => new BenchmarkFigures(
                    judged.Model,
                    _benchmark.Summarise(judged.Scores),
                    _benchmark.ByCategory(judged.Scores)
                )
                {
                    Reliability = Benchmark.Reliability(judged.Scores),
                }),
            ],
            Comparisons.OfMetric(_benchmark.MainMetric, [.. _judged.Select(judged => (judged.Model, judged.Kind, Values(judged.Scores)))]),
            _benchmark.Note
        );
    }

    private double[] Values(QuestionScore[] scores) => [.. scores.Select(score => score.Values.GetValueOrDefault(_benchmark!.MainMetric))];

    private void WriteQuestions(string path) =>
        AtomicFile.Write(
            path,
            stream =>
            {
                for (var i = 0; i < _benchmark!.Questions.Count; i++)
                {
                    var question = _benchmark.Questions[i];
                    var result = new QuestionResult(
                        question.Id,
                        question.Category,
                        question.Prompt,
                        question.Expected,
                        [
                            .. _judged.Select(judged => new QuestionAnswer(
                                judged.Model,
                                judged.Scores[i].Answer,
                                judged.Scores[i].Values.GetValueOrDefault(_benchmark.MainMetric)
                            )),
                        ]
                    );
                    stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(result, ProtocolJson.Line), (byte)'\n']);
                }
            }
        );
}
