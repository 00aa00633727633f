using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Lets a model answer rows: a choice among the labels where they are a closed set, else greedy text.</summary>
public sealed class Answerer
{
    private const int BatchTokens = 4096, MaximumRows = 128;
    private readonly CausalLM _model;
    private readonly ConversationEncoder _encoder;
    private readonly IReadOnlyList<string>? _labels;
    private readonly LabelChooser? _chooser;
    private readonly int _maxNewTokens;

    public Answerer(CausalLM model, ConversationEncoder encoder, IReadOnlyList<string>? labels, int maxNewTokens)
    {
        _model = model;
        _encoder = encoder;
        _labels = labels;
        _maxNewTokens = maxNewTokens;
        _chooser = labels is null ? null : new LabelChooser(model, [.. labels.Select(label => encoder.EncodeAnswer(label).ToArray())]);
    }

    public static bool IsRight(DatasetRow row, string answer) =>
        string.Equals(row.Messages[^1].Content.Trim(), answer.Trim(), StringComparison.Ordinal);

    /// <param name="progress">Told the number of rows answered so far.</param>
    /// <returns>Answers in the order of the rows.</returns>
    public string[] Answer(IReadOnlyList<DatasetRow> rows, Action<int>? progress, CancellationToken cancellation)
    {
        _model.Training = false;
        var prompts = rows.Select(row => (IReadOnlyList<int>)Fit(_encoder.EncodePrompt(row.Messages.SkipLast(1)))).ToList();
        var answers = new string[rows.Count];
        var done = 0;
        foreach (var group in Groups(prompts))
        {
            var texts = Answer([.. group.Select(index => prompts[index])], cancellation);
            for (var i = 0; i < group.Length; i++)
            {
                answers[group[i]] = texts[i];
            }

            progress?.Invoke(done += group.Length);
        }

        return answers;
    }

    private List<string> Answer(IReadOnlyList<IReadOnlyList<int>> prompts, CancellationToken cancellation) => _chooser is not null
        ? [.. _chooser.Choose(prompts, cancellation).Select(choice => _labels![choice])]
        : [.. GreedyGenerator.Generate(_model, prompts, _maxNewTokens, _encoder.Tokenizer.EndId, cancellation).Select(_encoder.Tokenizer.Decode)];

    /// <summary>Leaves room for an answer.</summary>
    private List<int> Fit(List<int> prompt) => [.. prompt.TakeLast(Math.Max(1, _model.Config.ContextTokens - Math.Min(_maxNewTokens, _model.Config.ContextTokens / 2)))];

    private static IEnumerable<int[]> Groups(IReadOnlyList<IReadOnlyList<int>> prompts)
    {
        var group = new List<int>();
        foreach (var index in Enumerable.Range(0, prompts.Count).OrderBy(index => prompts[index].Count))
        {
            if (group.Count > 0 && (group.Count == MaximumRows || (group.Count + 1) * prompts[index].Count > BatchTokens))
            {
                yield return [.. group];
                group.Clear();
            }

            group.Add(index);
        }

        if (group.Count > 0)
        {
            yield return [.. group];
        }
    }
}
