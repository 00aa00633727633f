namespace WebTrainer.Protocol;

/// <summary>Names of the files of an adapter as PEFT saves it.</summary>
public static class PeftFiles
{
    public const string Config = "adapter_config.json",
        Weights = "adapter_model.safetensors";
}
