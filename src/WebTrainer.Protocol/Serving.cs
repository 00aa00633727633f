namespace WebTrainer.Protocol;

/// <summary>First line of a connection to a serving worker.</summary>
public sealed record ServeHello(string Token);

/// <summary>A line from portal to serving worker. Many may be active on one connection at once.</summary>
/// <param name="Id">Chosen by the caller, repeated in each answer line.</param>
/// <param name="Model"><c>base</c> or an adapter's name.</param>
/// <param name="Messages">A conversation, put through the template; null when <paramref name="Prompt"/> is given.</param>
/// <param name="Prompt">Raw text to go on from.</param>
public sealed record GenerateRequest(string Id, string Model, IReadOnlyList<ChatMessage>? Messages = null, string? Prompt = null)
{
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>0 means greedy.</summary>
    public double Temperature { get; init; }
    public double TopP { get; init; } = 1;
    public IReadOnlyList<string> Stop { get; init; } = [];
    public long? Seed { get; init; }

    /// <summary>Ends the request with this id; everything else is ignored.</summary>
    public bool Cancel { get; init; }
}

/// <summary>A line from serving worker to portal: some text, or the end.</summary>
/// <param name="Text">New text since the last line, whole characters only.</param>
/// <param name="FinishReason">Null while it goes on; then <c>stop</c>, <c>length</c>, <c>cancelled</c> or <c>error</c>.</param>
public sealed record GenerateChunk(string Id, string Text, string? FinishReason = null)
{
    public int? PromptTokens { get; init; }
    public int? CompletionTokens { get; init; }
    public string? Error { get; init; }
}
