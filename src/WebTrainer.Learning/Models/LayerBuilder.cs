using static TorchSharp.torch;

namespace WebTrainer.Learning.Models;

/// <summary>Puts a stack's layers together from weights by name.</summary>
internal sealed class LayerBuilder(ModelConfig config, ModelNames names, ModelWeights weights)
{
    public TransformerLayer[] Layers(int count) => [.. Enumerable.Range(0, count).Select(Layer)];

    /// <returns>Null where the stack has no such norm.</returns>
    public Norm? Norm(string name) =>
        name.Length == 0
            ? null
            : Models.Norm.Create(
                config.Norm,
                weights.Tensors[name + ".weight"],
                weights.Tensors.GetValueOrDefault(name + ".bias"),
                config.NormEpsilon
            );

    private TransformerLayer Layer(int index)
    {
        var prefix = names.LayerPrefix(index);
        return new(
            config.Residual,
            Norms(prefix, index),
            Attention(prefix, names, index),
            Cross(prefix, index),
            config.Experts is { } experts && experts.IsIn(index) ? Experts(prefix, experts) : FeedForward(prefix),
            config.ResidualFactor
        );
    }

    private LayerNorms Norms(string prefix, int index) =>
        new(
            config.FirstInputAsIs && index == 0 ? null : NormOf(prefix, names.InputNorm),
            NormOf(prefix, names.InnerNorm),
            NormOf(prefix, names.AttentionNorm),
            NormOf(prefix, names.FeedForwardNorm)
        );

    private Norm? NormOf(string prefix, string name) => name.Length == 0 ? null : Norm(prefix + name);

    private CrossAttention? Cross(string prefix, int index) =>
        names.Cross is { } cross
            ? new(
                config,
                index,
                Norm(prefix + cross.Norm)!,
                Separate(prefix, names.ToCross()),
                Map(prefix + names.ToCross().Output),
                Mixer(prefix)
            )
            : null;

    private FeedForward FeedForward(string prefix) =>
        new(
            config.Activation,
            config is { Gated: true, JoinedGate: false } ? Map(prefix + names.Gate) : null,
            Map(prefix + names.Up),
            Map(prefix + names.Down),
            config.JoinedGate
        );

    private RoutedExperts Experts(string prefix, ExpertConfig experts)
    {
        var (router, parts) = (prefix + names.Experts!.Router, Enumerable.Range(0, experts.Count));
        return new(
            new Router(
                weights.Tensors[router + ".weight"],
                weights.Tensors.GetValueOrDefault(router + ".bias"),
                experts.Chosen,
                experts.Normalised
            ),
            [
                .. experts.StackedLimit is { } limit
                    ? Stacked(prefix, limit, parts)
                    : parts.Select(expert => Expert(prefix + names.Experts.PrefixOf(expert))),
            ]
        );
    }

    private IFeedForward Expert(string prefix) =>
        new FeedForward(
            config.Activation,
            Map(prefix + names.Experts!.Gate),
            Map(prefix + names.Experts.Up),
            Map(prefix + names.Experts.Down)
        );

    private IEnumerable<IFeedForward> Stacked(string prefix, double limit, IEnumerable<int> parts)
    {
        var experts = names.Experts!;
        Tensor Part(string name) => weights.Tensors[prefix + experts.Prefix + name];
        var (up, down) = (experts.Up, experts.Down);
        var stack = new ExpertStack(prefix, experts, Part(up), Part(up + "_bias"), Part(down), Part(down + "_bias"));
        return parts.Select(expert => new StackedExpert(stack, expert, limit));
    }

    private Attention Attention(string prefix, ModelNames parts, int index)
    {
        IQueryKeyValue maps =
            config.QueryKeyValue == QueryKeyValueKind.Separate
                ? Separate(prefix, parts)
                : new JoinedMaps(config, Map(prefix + parts.Joined));
        var norms =
            config.HeadNorm == HeadNormKind.None
                ? null
                : new HeadNorms(
                    Norm(prefix + ModelNames.QueryNorm)!,
                    Norm(prefix + ModelNames.KeyNorm)!,
                    config.HeadNorm == HeadNormKind.Whole
                );
        return new Attention(config, index, maps, Map(prefix + parts.Output), norms, Mixer(prefix));
    }

    private SeparateMaps Separate(string prefix, ModelNames parts) =>
        new(config, Map(prefix + parts.Query), Map(prefix + parts.Key), Map(prefix + parts.Value));

    private HeadMixer Mixer(string prefix) =>
        new(
            config,
            new ScoreForm(config.AttentionScale, config.AttentionCap, config.Sinks ? weights.Tensors[prefix + ModelNames.Sinks] : null)
        );

    public Projection Map(string name) => new(name, weights.Matrix(name, config), weights.Tensors.GetValueOrDefault(name + ".bias"));
}
