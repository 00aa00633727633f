namespace WebTrainer.Protocol;

/// <summary>Names of the files of an adapter as PEFT saves it.</summary>
public static class PeftFiles
{
    /// <summary>Method, shape and base of the adapter, as JSON.</summary>
    public const string Config = "adapter_config.json";

    /// <summary>Its factors.</summary>
    public const string Weights = "adapter_model.safetensors";
}
