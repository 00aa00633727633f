using System.Text;

namespace WebTrainer.Protocol;

/// <summary>Puts the lines of a traced answer (<see cref="GenerateRequest.Trace"/>) together.</summary>
/// <param name="id">Of the prompt.</param>
public sealed class TraceBuilder(string id)
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _answer = [];
    private readonly List<double> _logProbabilities = [];
    private string _rendered = "";
    private IReadOnlyList<int> _prompt = [];

    /// <summary>Why there is no answer; null where all is well.</summary>
    public string? Error { get; private set; }

    /// <summary>Adds a line, in the order in which they come.</summary>
    public void Add(GenerateChunk chunk)
    {
        Error ??= chunk.Error;
        _text.Append(chunk.Text);
        (_rendered, _prompt) = (chunk.Trace?.Rendered ?? _rendered, chunk.Trace?.Prompt ?? _prompt);
        _answer.AddRange(chunk.Trace?.Answer ?? []);
        _logProbabilities.AddRange(chunk.Tokens?.Select(token => token.LogProbability ?? 0) ?? []);
        if (chunk.Classified is [var only])
        {
            // as ranked; the training tells them in the labels' own order
            _logProbabilities.AddRange(
                only.Places.Count == 0
                    ? only.Probabilities.Select(probability => (double)probability)
                    : only.Places.Zip(only.Probabilities).OrderBy(pair => pair.First).Select(pair => (double)pair.Second)
            );
        }
    }

    /// <summary>All that was added.</summary>
    public AnswerTrace Build() => new(id, _rendered, _prompt, _answer, _logProbabilities) { Text = _text.ToString() };
}
