using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>The parts of a head, by their names in the checkpoint: pooled → dense → activation → norm → output.</summary>
/// <param name="Output">The map to the scores, <c>[labels, hidden]</c> with an offset.</param>
/// <param name="Dense">Null for none.</param>
/// <param name="DenseBias">The dense map has an offset.</param>
/// <param name="Activation">Behind the dense map.</param>
/// <param name="Norm">Null for none.</param>
/// <param name="DropsInput">Dropout also before the dense map.</param>
internal sealed record HeadShape(
    string Output,
    string? Dense = null,
    bool DenseBias = true,
    ActivationKind Activation = ActivationKind.Tanh,
    string? Norm = null,
    bool DropsInput = false
)
{
    private const string Classifier = "classifier";

    /// <summary>The head that <paramref name="head"/> asks for over the encoder of a folder.</summary>
    /// <param name="config">Of the encoder, whose family decides the names.</param>
    /// <param name="head">What the scores are and how states are pooled.</param>
    /// <param name="root">The folder's <c>config.json</c>.</param>
    public static HeadShape Of(ModelConfig config, HeadConfig head, JsonElement root) =>
        head.Kind == HeadKind.Linear
            ? new(Classifier, DropsInput: true)
            : config.Type switch
            {
                "bert" => new(Classifier, ModelNames.Of(config).Pooler),
                "roberta" or "xlm-roberta" or "mpnet" => new("classifier.out_proj", "classifier.dense", DropsInput: true),
                "electra" => new("classifier.out_proj", "classifier.dense", Activation: ActivationKind.Gelu, DropsInput: true),
                "distilbert" => new(Classifier, "pre_classifier", Activation: ActivationKind.Relu),
                "modernbert" => new(
                    Classifier,
                    "head.dense",
                    ModelConfig.Optional(root, "classifier_bias")?.GetBoolean() ?? false,
                    ModelFamilies.Activation(ModelConfig.Optional(root, "classifier_activation")?.GetString() ?? "gelu"),
                    "head.norm"
                ),
                _ => throw new ModelFileException($"'{config.Type}' models are no encoders."),
            };

    /// <summary>Whether the family's own head knows more than the first token.</summary>
    public static bool PoolsAsTold(string type) => type == "modernbert";

    /// <summary>How the names of the family's classes begin in transformers.</summary>
    public static string ClassPrefix(string type) =>
        type switch
        {
            "bert" => "Bert",
            "roberta" => "Roberta",
            "xlm-roberta" => "XLMRoberta",
            "electra" => "Electra",
            "distilbert" => "DistilBert",
            "mpnet" => "MPNet",
            "modernbert" => "ModernBert",
            _ => throw new ModelFileException($"'{type}' models are no encoders."),
        };

    public IEnumerable<(string Name, long[] Shape)> Parameters(ModelConfig config, int labels)
    {
        long hidden = config.HiddenSize;
        if (Dense is not null)
        {
            yield return ($"{Dense}.weight", [hidden, hidden]);
            if (DenseBias)
            {
                yield return ($"{Dense}.bias", [hidden]);
            }
        }

        if (Norm is not null)
        {
            yield return ($"{Norm}.weight", [hidden]);
            if (config.NormBias)
            {
                yield return ($"{Norm}.bias", [hidden]);
            }
        }

        yield return ($"{Output}.weight", [labels, hidden]);
        yield return ($"{Output}.bias", [labels]);
    }
}
