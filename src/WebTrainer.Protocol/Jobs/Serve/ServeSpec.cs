namespace WebTrainer.Protocol;

/// <summary>Answers requests on a Unix socket until told to stop.</summary>
[JobKind("serve", "Answers requests on a Unix socket until it is told to stop.")]
public sealed record ServeSpec : JobSpec
{
    /// <summary>How messages become text; used where the model brings no chat template.</summary>
    public PromptTemplate Template { get; init; } = PromptTemplate.Chat;

    /// <summary>How the weights of the base's layers are kept; adapters stay as they were trained.</summary>
    public WeightPrecision Precision { get; init; }

    /// <summary>Models that can be asked for beside the base.</summary>
    public IReadOnlyList<NamedAdapter> Adapters { get; init; } = [];

    /// <summary>Unix socket to listen on, created with mode 0600; absolute and at most 100 bytes.</summary>
    public required string Socket { get; init; }

    /// <summary>Environment variable that holds the token which each connection must send first.</summary>
    public string TokenVariable { get; init; } = "WEBTRAINER_SERVE_TOKEN";

    /// <summary>Memory that keys and values of prompts' beginnings may take, so that those that repeat are read once; 0 for none.</summary>
    public int PrefixCacheMiB { get; init; }

    /// <summary>The worker ends after this long without a request.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(15);
}
