using System.Text.Json.Nodes;
using WebTrainer.Learning.Templates;

namespace WebTrainer.Learning.Tests;

public sealed class TemplateFilesTests : IDisposable
{
    private const string Template = "{{ messages[0].content }}<end>";
    private readonly string _folder = Directory.CreateTempSubdirectory("template-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Template_StandsInBothPlacesAfterwards(bool inOwnFile, bool inConfig)
    {
        Write(inOwnFile, inConfig ? Template : null);
        TemplateFiles.WriteBoth(_folder, made: null);
        Assert.Equal(Template, File.ReadAllText(At("chat_template.jinja")));
        var config = JsonNode.Parse(File.ReadAllText(At("tokenizer_config.json")))!;
        Assert.Equal(Template, config["chat_template"]!.GetValue<string>());
        Assert.Equal("<s>", config["bos_token"]!.GetValue<string>());
    }

    [Fact]
    public void NamedTemplates_StayInTheConfiguration_AndTheirDefaultGetsTheFile()
    {
        Write(inOwnFile: false, template: null);
        const string Named = """
            {"bos_token": "<s>", "chat_template": [{"name": "tool_use", "template": "other"}, {"name": "default", "template": "{{ messages[0].content }}<end>"}]}
            """;
        File.WriteAllText(At("tokenizer_config.json"), Named);
        TemplateFiles.WriteBoth(_folder, made: null);
        Assert.Equal(Template, File.ReadAllText(At("chat_template.jinja")));
        Assert.Equal(Named, File.ReadAllText(At("tokenizer_config.json")));
    }

    [Fact]
    public void ModelWithoutATemplate_GetsNone()
    {
        Write(inOwnFile: false, template: null);
        TemplateFiles.WriteBoth(_folder, made: null);
        Assert.False(File.Exists(At("chat_template.jinja")));
    }

    [Fact]
    public void ModelWithoutATemplate_GetsTheOneItWasTunedBy()
    {
        Write(inOwnFile: false, template: null);
        TemplateFiles.WriteBoth(_folder, Template);
        Assert.Equal(Template, File.ReadAllText(At("chat_template.jinja")));
        Assert.Equal(Template, JsonNode.Parse(File.ReadAllText(At("tokenizer_config.json")))!["chat_template"]!.GetValue<string>());
    }

    private string At(string name) => Path.Combine(_folder, name);

    private void Write(bool inOwnFile, string? template)
    {
        var config = new JsonObject { ["bos_token"] = "<s>" };
        if (template is not null)
        {
            config["chat_template"] = template;
        }

        File.WriteAllText(At("tokenizer_config.json"), config.ToJsonString());
        if (inOwnFile)
        {
            File.WriteAllText(At("chat_template.jinja"), Template);
        }
    }
}
