namespace WebTrainer.Protocol;

/// <summary>Names of the files by which sentence-transformers folders say how a text becomes one vector.</summary>
public static class SentenceFiles
{
    /// <summary>The parts of the model, in order.</summary>
    public const string Modules = "modules.json";

    /// <summary>How many tokens of a text are read.</summary>
    public const string Settings = "sentence_bert_config.json";

    /// <summary>The one folder inside a model's folder that is known.</summary>
    public const string PoolingFolder = "1_Pooling";

    /// <summary>How the tokens' vectors become one.</summary>
    public const string Pooling = PoolingFolder + "/config.json";
}
