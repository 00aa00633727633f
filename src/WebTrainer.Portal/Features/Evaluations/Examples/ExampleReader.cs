using System.Text.Json;
using WebTrainer.Jobs;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations.Examples;

/// <summary>Which examples of an evaluation to show.</summary>
public enum ExampleFilter
{
    All,

    /// <summary>The tuned model is right where the base is wrong.</summary>
    Won,

    /// <summary>The base is right where the tuned model is wrong.</summary>
    Lost,

    /// <summary>The tuned model is wrong.</summary>
    Wrong,
}

public sealed record ExamplePage(IReadOnlyList<ExampleResult> Examples, int Total);

public sealed record QuestionPage(IReadOnlyList<QuestionResult> Questions, int Total);

/// <summary>Reads the per-example results that an evaluation's worker left.</summary>
public sealed class ExampleReader(RunFolders folders, QuestionIndexes questions)
{
    public const int MaxPageSize = 200;

    /// <param name="model">The tuned model that is looked at beside the base.</param>
    /// <param name="contains">Text that the prompt or the expected answer holds, ignoring case; null for all.</param>
    public async Task<ExamplePage> ReadAsync(
        Guid jobId,
        string model,
        ExampleFilter filter,
        string? contains,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        var path = folders.Of(jobId).Examples;
        if (!File.Exists(path))
        {
            return new ExamplePage([], 0);
        }

        var page = new List<ExampleResult>();
        var total = 0;
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
        {
            var example = JsonSerializer.Deserialize<ExampleResult>(line, ProtocolJson.Line)!;
            if (!Matches(example, model, filter, contains))
            {
                continue;
            }

            if (total >= skip && page.Count < Math.Min(take, MaxPageSize))
            {
                page.Add(example);
            }

            total++;
        }

        return new ExamplePage(page, total);
    }

    /// <param name="benchmark">Its place in the report.</param>
    public async Task<QuestionPage> QuestionsAsync(
        Guid jobId,
        int benchmark,
        string? category,
        bool differing,
        int skip,
        int take,
        CancellationToken cancellationToken
    )
    {
        var path = folders.Of(jobId).Questions(benchmark);
        return File.Exists(path)
            ? (await questions.OfAsync(path, cancellationToken)).Read(category, differing, skip, Math.Min(take, MaxPageSize))
            : new QuestionPage([], 0);
    }

    private static bool Matches(ExampleResult example, string model, ExampleFilter filter, string? contains)
    {
        var tuned = example.Answers.FirstOrDefault(a => a.Model == model)?.Right ?? false;
        var plain = example.Answers.FirstOrDefault(a => a.Model == EvaluationReport.BaseName)?.Right ?? false;
        var shown = filter switch
        {
            ExampleFilter.Won => tuned && !plain,
            ExampleFilter.Lost => plain && !tuned,
            ExampleFilter.Wrong => !tuned,
            _ => true,
        };
        return shown
            && (
                string.IsNullOrEmpty(contains)
                || new SearchPhrase(contains) is var sought && (sought.IsIn(example.Prompt) || sought.IsIn(example.Expected))
            );
    }
}
