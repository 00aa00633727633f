using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Models;

/// <summary>What stands between a text's vector and the scores.</summary>
public enum HeadKind
{
    /// <summary>
    /// One linear map over the pooled states, as one puts on a sentence encoder. transformers has no class for it: its own would
    /// compute something else from such a folder, so the folder names the kind by a key of its own and no class of transformers.
    /// </summary>
    Linear,

    /// <summary>The head of the family's <c>…ForSequenceClassification</c> in transformers, which loads such a folder.</summary>
    Family,
}

/// <summary>What the scores mean; names as in <c>config.json</c>.</summary>
public enum ProblemKind
{
    /// <summary>One of the labels: softmax, cross entropy.</summary>
    SingleLabel,

    /// <summary>Any number of the labels: a sigmoid each, binary cross entropy.</summary>
    MultiLabel,

    /// <summary>A number for each label: squared error.</summary>
    Regression,
}

/// <summary>The head of a classifier: how states become one vector, what makes scores of it, and what they are called.</summary>
public sealed record HeadConfig
{
    /// <summary>The key of <c>config.json</c> that names a head which the family's class in transformers has not.</summary>
    internal const string KindKey = "classifier_head";

    private const string PoolingKey = "classifier_pooling",
        LinearName = "linear",
        ClassName = "ForSequenceClassification";
    private const int MaximumLabels = 100_000;

    private static readonly Dictionary<ProblemKind, string> s_problemNames = new()
    {
        [ProblemKind.SingleLabel] = "single_label_classification",
        [ProblemKind.MultiLabel] = "multi_label_classification",
        [ProblemKind.Regression] = "regression",
    };

    /// <summary>Names in the order of the scores.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Who knows the head: transformers' class of the family, or this program alone.</summary>
    public HeadKind Kind { get; init; } = HeadKind.Linear;

    /// <summary>With <see cref="HeadKind.Family"/> only ModernBERT knows the mean; the others' class takes the first token.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Mean;

    /// <summary>What the scores mean, and so which loss they are trained by.</summary>
    public ProblemKind Problem { get; init; } = ProblemKind.SingleLabel;

    /// <summary>Share of the vector's numbers that are set to zero while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether the folder is a classifier.</summary>
    /// <exception cref="ModelFileException">config.json can't be read.</exception>
    public static bool IsClassifier(string folder) => IsClassifier(ModelConfig.ReadRoot(folder));

    /// <summary>The head that a folder's <c>config.json</c> describes.</summary>
    /// <exception cref="ModelFileException">It describes none, or one that is not known here.</exception>
    public static HeadConfig Read(string folder)
    {
        var root = ModelConfig.ReadRoot(folder);
        if (!IsClassifier(root))
        {
            throw new ModelFileException("The model has no head that classifies: config.json names no …ForSequenceClassification.");
        }

        try
        {
            return Read(root);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            throw new ModelFileException($"config.json can't be read: {exception.Message}", exception);
        }
    }

    private static HeadConfig Read(JsonElement root)
    {
        var labels = LabelsOf(root);
        return new()
        {
            Labels = labels,
            Kind = ModelConfig.Optional(root, KindKey)?.GetString() switch
            {
                null => HeadKind.Family,
                LinearName => HeadKind.Linear,
                var other => throw new ModelFileException($"config.json: a head of the kind '{other}' is not known here."),
            },
            Pooling = ModelConfig.Optional(root, PoolingKey)?.GetString() switch
            {
                null or "cls" => PoolingKind.Cls,
                "mean" => PoolingKind.Mean,
                var other => throw new ModelFileException($"config.json: the pooling '{other}' is not known here; cls and mean are."),
            },
            Problem =
                ModelConfig.Optional(root, "problem_type")?.GetString() is { } name ? ProblemOf(name)
                : labels.Count == 1 ? ProblemKind.Regression
                : ProblemKind.SingleLabel,
            Dropout = Rate(root, "classifier_dropout") ?? Rate(root, "seq_classif_dropout") ?? Rate(root, "hidden_dropout_prob") ?? 0,
        };
    }

    /// <summary>Writes the head into the configuration of the encoder it stands on.</summary>
    /// <exception cref="ModelFileException">The family's own head has no such pooling.</exception>
    internal void Write(JsonObject root)
    {
        var type = root["model_type"]!.GetValue<string>();
        CheckFor(type);
        var linear = Kind == HeadKind.Linear;
        root["architectures"] = new JsonArray(HeadShape.ClassPrefix(type) + (linear ? "LinearHead" : "") + ClassName);
        root["id2label"] = new JsonObject(
            Labels.Select(
                (label, index) => KeyValuePair.Create(index.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)label)
            )
        );
        root["label2id"] = new JsonObject(Labels.Select((label, index) => KeyValuePair.Create(label, (JsonNode?)index)));
        root["problem_type"] = s_problemNames[Problem];
        root["classifier_dropout"] = Dropout;
        root.Remove("num_labels");
        root.Remove(KindKey);
        root.Remove(PoolingKey);
        if (type == "distilbert")
        {
            root["seq_classif_dropout"] = Dropout;
        }

        if (linear)
        {
            root[KindKey] = LinearName;
        }

        if (linear || HeadShape.PoolsAsTold(type))
        {
            root[PoolingKey] = Pooling == PoolingKind.Mean ? "mean" : "cls";
        }
    }

    /// <exception cref="ModelFileException">The family's own head has no such pooling, or there are no labels.</exception>
    internal void CheckFor(string type)
    {
        if (Labels.Count == 0 || Labels.Distinct().Count() != Labels.Count)
        {
            throw new ModelFileException("A classifier needs labels, each with a name of its own.");
        }

        if (Kind == HeadKind.Family && Pooling != PoolingKind.Cls && !HeadShape.PoolsAsTold(type))
        {
            throw new ModelFileException($"The head of the family '{type}' begins from the first token; the mean needs a linear head.");
        }
    }

    private static bool IsClassifier(JsonElement root) =>
        ModelConfig.Optional(root, "architectures") is { ValueKind: JsonValueKind.Array } classes
        && classes
            .EnumerateArray()
            .Any(name => name.ValueKind == JsonValueKind.String && name.GetString()!.EndsWith(ClassName, StringComparison.Ordinal));

    private static double? Rate(JsonElement root, string name) =>
        ModelConfig.Optional(root, name)?.GetDouble() is not { } rate ? null
        : rate is >= 0 and < 1 ? rate
        : throw new ModelFileException($"config.json: {name} is {rate}, outside 0 to 1.");

    private static ProblemKind ProblemOf(string name) =>
        s_problemNames.FirstOrDefault(pair => pair.Value == name) is { Value: not null } known
            ? known.Key
            : throw new ModelFileException($"config.json: the problem type '{name}' is not known here.");

    /// <summary>By <c>id2label</c>; without it LABEL_0 and so on, two if no number is given, as in transformers.</summary>
    private static List<string> LabelsOf(JsonElement root)
    {
        if (ModelConfig.Optional(root, "id2label") is not { } names)
        {
            var count = ModelConfig.Optional(root, "num_labels")?.GetInt32() ?? 2;
            return count is > 0 and <= MaximumLabels
                ? [.. Enumerable.Range(0, count).Select(index => $"LABEL_{index}")]
                : throw new ModelFileException($"config.json: the number of labels is {count}, outside 1 to {MaximumLabels}.");
        }

        var byId = names
            .EnumerateObject()
            .Take(MaximumLabels + 1)
            .ToDictionary(
                entry =>
                    int.TryParse(entry.Name, out var id)
                        ? id
                        : throw new ModelFileException($"config.json: id2label has '{entry.Name}', which is no number."),
                entry => entry.Value.GetString() ?? throw new ModelFileException("config.json: id2label has a label without a name.")
            );
        return byId.Count is > 0 and <= MaximumLabels && Enumerable.Range(0, byId.Count).All(byId.ContainsKey)
            ? [.. Enumerable.Range(0, byId.Count).Select(id => byId[id])]
            : throw new ModelFileException($"config.json: id2label must number 1 to {MaximumLabels} labels from 0, without gaps.");
    }
}
