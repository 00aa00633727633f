using System.Text.Json;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations.Benchmarks;

/// <summary>
/// Where each question of a benchmark stands in the worker's file, and what it is filtered by: read once, so that a page reads its own
/// lines alone.
/// </summary>
public sealed class QuestionIndex
{
    private readonly string _path;
    private readonly List<(long At, int Length, string Category, bool Differing)> _questions = [];

    private QuestionIndex(string path) => _path = path;

    public static QuestionIndex Build(string path, CancellationToken cancellationToken)
    {
        var index = new QuestionIndex(path);
        var categories = new Dictionary<string, string>();
        JsonLines.ForEach(
            path,
            (line, at) =>
            {
                var question = JsonSerializer.Deserialize<QuestionResult>(line, ProtocolJson.Line)!;
                if (!categories.TryGetValue(question.Category, out var category))
                {
                    categories[question.Category] = category = question.Category;
                }

                index._questions.Add((at, line.Length, category, question.Answers.DistinctBy(answer => answer.Score).Count() > 1));
            },
            cancellationToken
        );
        return index;
    }

    /// <param name="category">Null or empty for all.</param>
    /// <param name="differing">Only those that two models answered differently well.</param>
    public QuestionPage Read(string? category, bool differing, int skip, int take)
    {
        var fitting = _questions.FindAll(question =>
            (string.IsNullOrEmpty(category) || question.Category == category) && (!differing || question.Differing)
        );
        using var file = File.OpenHandle(_path);
        return new(
            [
                .. fitting
                    .Skip(skip)
                    .Take(take)
                    .Select(question =>
                    {
                        var line = new byte[question.Length];
                        RandomAccess.Read(file, line, question.At);
                        return JsonSerializer.Deserialize<QuestionResult>(line, ProtocolJson.Line)!;
                    }),
            ],
            fitting.Count
        );
    }
}

/// <summary>The indexes of the last few benchmarks that somebody looked at.</summary>
public sealed class QuestionIndexes
{
    private const int Kept = 8;
    private readonly RecentlyUsed<(string Path, DateTime Written), QuestionIndex> _kept = new(
        Kept,
        file => QuestionIndex.Build(file.Path, CancellationToken.None)
    );

    /// <summary>A resumed evaluation writes its file anew, and is read anew.</summary>
    public Task<QuestionIndex> OfAsync(string path, CancellationToken cancellationToken) =>
        _kept.GetAsync((path, File.GetLastWriteTimeUtc(path)), cancellationToken);
}
