namespace WebTrainer.Protocol;

/// <summary>Which weights learn, and in what form.</summary>
public enum TuningMethod
{
    /// <summary>A low-rank change of each chosen map (arXiv:2106.09685).</summary>
    LoRA,

    /// <summary>Every weight learns.</summary>
    Full,

    /// <summary>LoRA that learns length and direction of each row apart (arXiv:2402.09353).</summary>
    DoRA,

    /// <summary>LoRA on a base kept in four bits (arXiv:2305.14314).</summary>
    QLoRA,

    /// <summary>LoRA that moves its ranks to the maps that need them (arXiv:2303.10512).</summary>
    AdaLoRA,

    /// <summary>An encoder's classification head alone, on vectors that are computed once.</summary>
    Head,
}

/// <summary>Where the two factors of an adapter begin.</summary>
public enum AdapterStart
{
    /// <summary>One at random, the other zero: nothing is changed.</summary>
    Zero,

    /// <summary>
    /// At the map's largest singular values and vectors, which are taken out of the base in return (PiSSA, arXiv:2404.02948): nothing is
    /// changed either, and what learns is the map's principal part.
    /// </summary>
    Pissa,
}

/// <summary>Which weights learn, and how.</summary>
public sealed record MethodSpec
{
    /// <summary>Which weights learn, and in what form.</summary>
    public TuningMethod Method { get; init; } = TuningMethod.LoRA;

    /// <summary>Inner dimension r of the update B·A.</summary>
    public int Rank { get; init; } = 32;

    /// <summary>The update is scaled by alpha / rank.</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>Scale by alpha / √rank instead (rsLoRA, arXiv:2312.03732), so that high ranks learn as fast as low ones.</summary>
    public bool RankStabilised { get; init; }

    /// <summary>How the adapter begins.</summary>
    public AdapterStart Start { get; init; }

    /// <summary>
    /// LoRA+ (arXiv:2402.12354): B, which begins at zero, learns at the learning rate times this; 1 for plain LoRA. The factors of an
    /// embedding stay at the learning rate.
    /// </summary>
    public double RateRatio { get; init; } = 1;

    /// <summary>Share of the adapter's inputs dropped while training, 0 to 1.</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// Module names as in PEFT. Llama, Mistral, Qwen, Gemma: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj,
    /// embed_tokens, lm_head. Or <c>all-linear</c>, alone: every map inside the layers, whatever the family calls them.
    /// </summary>
    public IReadOnlyList<string> Targets { get; init; } = Everything;

    /// <summary>
    /// The adapter as it is written at the end: one that began at the principal part is a plain one of twice the rank, at the same scale.
    /// </summary>
    public MethodSpec AsSaved() =>
        Start != AdapterStart.Pissa
            ? this
            : this with
            {
                Rank = 2 * Rank,
                Alpha = RankStabilised ? Math.Sqrt(2) * Alpha : 2 * Alpha,
                Start = AdapterStart.Zero,
            };

    /// <summary>All linear maps, the embedding and the head: what a small base needs to learn labels whose words it hardly knows.</summary>
    public static IReadOnlyList<string> Everything => [.. AllLinear, "embed_tokens", "lm_head"];

    /// <summary>Stands alone for every map inside the layers, whatever the family calls them.</summary>
    public const string AllLinearName = "all-linear";

    /// <summary>The maps inside the layers of Llama, Mistral, Qwen and Gemma, by their names.</summary>
    public static IReadOnlyList<string> AllLinear { get; } = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
}
