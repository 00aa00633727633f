using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Adapters;

/// <summary>
/// Factors of one tensor that holds a map of all experts of a layer, as PEFT writes them for <c>target_parameters</c> (0.20): A
/// <c>[experts · rank, in]</c> expert by expert, B <c>[out, rank · experts]</c> rank by rank, so that every experts-th column is of one
/// expert. The change of expert e is scale · B_e · A_e.
/// </summary>
/// <param name="Key">What stands before <c>.lora_A.weight</c> in the file.</param>
/// <param name="Experts">Names and outputs of the maps of each expert that lie one behind the other in the tensor: gate and up, or
/// one.</param>
internal sealed record ExpertFactors(string Key, long Inputs, IReadOnlyList<IReadOnlyList<(string Name, long Outputs)>> Experts)
{
    /// <summary>What libraries call the module of a layer's experts, whatever the files of the hub call it.</summary>
    private const string Module = "mlp.experts";

    /// <summary>Its parameters, in the order in which PEFT goes around them: what comes first is inside.</summary>
    private const string GateUp = "gate_up_proj",
        Down = "down_proj";

    private string KeyOfA => Key + ".lora_A.weight";

    private string KeyOfB => Key + ".lora_B.weight";

    private long Outputs => Experts[0].Sum(map => map.Outputs);

    /// <summary>The tensors that are meant, layer by layer.</summary>
    /// <param name="prefix">What stands before the names of the model's parts in the file.</param>
    /// <exception cref="ModelFileException">A name is no tensor of experts of this model.</exception>
    public static IReadOnlyList<ExpertFactors> Select(LoraConfig config, ITunable model, string prefix)
    {
        if (config.Parameters.Count == 0)
        {
            return [];
        }

        if (config.WeightDecomposed || config.Adaptive || config.Ranks.Count > 0 || config.Alphas.Count > 0)
        {
            throw new ModelFileException(
                "The adapter changes tensors of experts (target_parameters) beside DoRA, AdaLoRA, rank_pattern or alpha_pattern, which can't be read here together."
            );
        }

        var layers = model.Config.Experts is { } experts ? [.. Enumerable.Range(0, model.Config.Layers).Where(experts.IsIn)] : (int[])[];
        var names = ModelNames.Of(model.Config);
        var targets = layers.ToDictionary(names.LayerPrefix, layer => Meant(config, names.LayerPrefix(layer)));
        string[] all = [.. targets.SelectMany(layer => layer.Value.Select(parameter => $"{layer.Key}{Module}.{parameter}"))];
        return config.Parameters.FirstOrDefault(target => !all.Any(name => LoraConfig.Matches(name, target))) is { } unknown
            ? throw new ModelFileException(
                $"The adapter changes '{unknown}' (target_parameters), which is no tensor of experts of this model: only those of {Module} can be read here."
            )
            : [.. targets.SelectMany(layer => InLayer(layer.Key, layer.Value, model, names.Experts!, prefix))];
    }

    /// <summary>What the file must hold.</summary>
    public IEnumerable<KeyValuePair<string, long[]>> Shapes(int rank) =>
        [new(KeyOfA, [Experts.Count * rank, Inputs]), new(KeyOfB, [Outputs, rank * Experts.Count])];

    /// <summary>The changes of all maps, by their names. Maps of one expert share A.</summary>
    /// <param name="tensors">Of the file, by their keys.</param>
    /// <param name="wide">Makes what is kept of a tensor.</param>
    public IEnumerable<KeyValuePair<string, IWeightUpdate>> Read(
        LoraConfig config,
        IReadOnlyDictionary<string, Tensor> tensors,
        Func<Tensor, Tensor> wide
    )
    {
        var (a, b) = (tensors[KeyOfA], tensors[KeyOfB].view(Outputs, config.Rank, Experts.Count));
        foreach (var (expert, maps) in Experts.Index())
        {
            var ofExpert = wide(a.narrow(0, expert * config.Rank, config.Rank).clone());
            long first = 0;
            foreach (var (name, outputs) in maps)
            {
                var rows = wide(b.select(2, expert).narrow(0, first, outputs).clone());
                first += outputs;
                yield return new(name, new LowRankUpdate(ofExpert, rows, config.ScaleOf(name), config.Dropout));
            }
        }
    }

    /// <summary>The file's tensors, of the changes as they are now.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Write(IReadOnlyDictionary<string, IWeightUpdate> updates)
    {
        LowRankUpdate Of((string Name, long Outputs) map) => (LowRankUpdate)updates[map.Name];
        var b = stack([.. Experts.Select(maps => cat([.. maps.Select(map => Of(map).B)]))], dim: -1); // [out, rank, experts]
        return [new(KeyOfA, cat([.. Experts.Select(maps => Of(maps[0]).A)])), new(KeyOfB, b.reshape(Outputs, -1))];
    }

    private static string[] Meant(LoraConfig config, string layer) =>
        [
            .. ((string[])[GateUp, Down]).Where(parameter =>
                config.Parameters.Any(target => LoraConfig.Matches($"{layer}{Module}.{parameter}", target))
            ),
        ];

    private static IEnumerable<ExpertFactors> InLayer(string layer, string[] parameters, ITunable model, ExpertNames names, string prefix)
    {
        var maps = model.Projections.Concat(model.StackedProjections).ToDictionary(projection => projection.Name);
        foreach (var parameter in parameters)
        {
            // PEFT goes around the module once for each: the outer one has the plain name.
            var key = $"{prefix}{layer}{Module}" + (parameter == parameters[^1] ? "" : ".base_layer");
            string[] parts =
                parameter == Down ? [names.Down]
                : names.Gate.Length == 0 ? [names.Up]
                : [names.Gate, names.Up];
            List<List<Projection>> experts =
            [
                .. Enumerable
                    .Range(0, model.Config.Experts!.Count)
                    .Select(expert => parts.Select(part => maps[layer + names.PrefixOf(expert) + part]).ToList()),
            ];
            yield return new ExpertFactors(
                key,
                experts[0][0].Matrix.Inputs,
                experts.ConvertAll(all => (IReadOnlyList<(string, long)>)all.ConvertAll(map => (map.Name, map.Matrix.Outputs)))
            );
        }
    }
}
