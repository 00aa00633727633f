using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>
/// Where a model's chat template stands: transformers reads <c>chat_template.jinja</c> since 4.52, and before that, as most other programs
/// still do, <c>chat_template</c> of <c>tokenizer_config.json</c>.
/// </summary>
internal static class TemplateFiles
{
    internal const string OwnFile = "chat_template.jinja",
        ConfigFile = "tokenizer_config.json",
        Key = "chat_template";

    /// <summary>Writes a template that stands in one place into the other too.</summary>
    /// <param name="folder">A model's.</param>
    /// <param name="made">Written where the model has none of its own; null leaves such a model as it is.</param>
    public static void WriteBoth(string folder, string? made)
    {
        if ((ChatFormats.TemplateOf(folder) ?? made) is not { } template)
        {
            return;
        }

        WriteOwn(folder, template);
        var path = Path.Combine(folder, ConfigFile);
        if (File.Exists(path) && JsonNode.Parse(File.ReadAllText(path)) is JsonObject config && config[Key] is null)
        {
            config[Key] = template;
            AtomicFile.WriteAllText(path, config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        }
    }

    /// <summary>Writes a template as a file of its own.</summary>
    public static void WriteOwn(string folder, string template) => AtomicFile.WriteAllText(Path.Combine(folder, OwnFile), template);
}
