using System.Text.RegularExpressions;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Labeling;
using WebTrainer.Pipeline.Queries;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Deployments;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>The text that labelling functions read.</summary>
public sealed record WeakRow(string Id, string Text, string? Label);

/// <summary>Has labelling functions vote on rows.</summary>
public sealed class FunctionVotes(FileStore files, RowConditions conditions, ServedModels? models = null)
{
    /// <summary>A model that answers a row a second would take longer than anybody waits.</summary>
    public const int MaxPrompted = 2_000;
    private const int MaxAnswerTokens = 16;
    private const int AtOnce = 2;
    private static readonly TimeSpan s_patternTimeout = TimeSpan.FromSeconds(1);

    /// <returns>Of each row the vote of each function: a label's place, or <see cref="LabelModel.Abstain"/>.</returns>
    public async Task<IReadOnlyList<int[]>> VoteAsync(
        DatasetVersion version,
        IReadOnlyList<WeakRow> rows,
        IReadOnlyList<string> labels,
        IReadOnlyList<LabelFunction> functions,
        CancellationToken cancellationToken
    )
    {
        var votes = rows.Select(_ => Enumerable.Repeat(LabelModel.Abstain, functions.Count).ToArray()).ToList();
        foreach (var (place, function) in functions.Index())
        {
            if (function.Kind == LabelFunctionKind.Prompt)
            {
                await PromptAsync(version, rows, labels, function, (row, vote) => votes[row][place] = vote, cancellationToken);
                continue;
            }

            var (label, holds) = (labels.ToList().IndexOf(function.Label), await ConditionAsync(version, function, cancellationToken));
            for (var row = 0; row < rows.Count; row++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (holds(rows[row]))
                {
                    votes[row][place] = label;
                }
            }
        }

        return votes;
    }

    private async Task<Func<WeakRow, bool>> ConditionAsync(
        DatasetVersion version,
        LabelFunction function,
        CancellationToken cancellationToken
    )
    {
        if (function.Kind == LabelFunctionKind.Sql)
        {
            var ids = await conditions.MatchAsync(files.PathOf(version.Sha256), function.Body, cancellationToken);
            return row => ids.Contains(row.Id);
        }

        var holds = Condition(function);
        return row => holds(row.Text);
    }

    /// <summary>What a function of words looks for in a text.</summary>
    /// <exception cref="ArgumentException">It is none of words.</exception>
    public static Func<string, bool> Condition(LabelFunction function)
    {
        switch (function.Kind)
        {
            case LabelFunctionKind.Keyword:
                var words = Linear(
                    $@"(?:^|\W)(?:{string.Join('|', function.Lines.Select(SearchText.Fold).Select(Regex.Escape))})(?:$|\W)",
                    RegexOptions.None
                );
                return text => words.IsMatch(SearchText.Fold(text));
            case LabelFunctionKind.Pattern:
                return Linear(function.Body.Trim(), RegexOptions.None).IsMatch;
            case LabelFunctionKind.Lookup:
                var list = function.Lines.ToHashSet(StringComparer.OrdinalIgnoreCase);
                return text =>
                    list.Contains(text.Trim())
                    || text.Split(
                            (char[])[' ', '\t', '\n', ',', '.', ';', ':', '!', '?', '(', ')', '"'],
                            StringSplitOptions.RemoveEmptyEntries
                        )
                        .Any(list.Contains);
            default:
                throw new ArgumentException($"A function of kind {function.Kind} reads more than a text.", nameof(function));
        }
    }

    // Linear time whatever a person writes: a pattern must not be able to stop the server.
    private static Regex Linear(string pattern, RegexOptions options) =>
        new(pattern, options | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, s_patternTimeout);

    private async Task PromptAsync(
        DatasetVersion version,
        IReadOnlyList<WeakRow> rows,
        IReadOnlyList<string> labels,
        LabelFunction function,
        Action<int, int> vote,
        CancellationToken cancellationToken
    )
    {
        if (rows.Count > MaxPrompted)
        {
            throw new RuleViolationException(
                $"A model's prompt labels at most {MaxPrompted} rows; this version has {rows.Count}. Take a smaller version, or remove '{function.Name}'."
            );
        }

        if (models is null)
        {
            throw new RuleViolationException("This server has no models to ask.");
        }

        var model =
            (await models.ListAsync(version.ProjectId, cancellationToken)).FirstOrDefault(m => m.Id == function.Model)
            ?? throw new RuleViolationException($"'{function.Name}' asks the model '{function.Model}', which is no longer there.");
        await Parallel.ForEachAsync(
            rows.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (row, stop) =>
            {
                var prompt = function.Body.Replace("{text}", row.Item.Text, StringComparison.Ordinal);
                var answer = await ModelTexts.AskAsync(models, model, prompt, MaxAnswerTokens, temperature: 0, stop);
                var found = labels
                    .Index()
                    .Where(l => answer.Contains(l.Item, StringComparison.OrdinalIgnoreCase))
                    .OrderBy(l => answer.IndexOf(l.Item, StringComparison.OrdinalIgnoreCase))
                    .Select(l => (int?)l.Index)
                    .FirstOrDefault();
                vote(row.Index, found ?? LabelModel.Abstain);
            }
        );
    }
}
