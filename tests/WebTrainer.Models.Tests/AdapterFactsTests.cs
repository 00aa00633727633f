using WebTrainer.Domain;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Models.Tests;

/// <summary>Which base an adapter is of, by what its files tell.</summary>
public sealed class AdapterFactsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("adapter-facts-").FullName;
    private readonly BaseModel _small = Model("small", layers: 8, width: 256);
    private readonly BaseModel _deep = Model("deep", layers: 12, width: 256);
    private readonly BaseModel _wide = Model("wide", layers: 8, width: 512) with { HubName = "Team/Wide-1B" };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("small", "small")]
    [InlineData("/home/somebody/models/Deep/", "deep")]
    [InlineData("somebody/small", "small")]
    [InlineData("team/wide-1b", "wide")]
    public void Base_IsFoundByTheNameThatTheFileNotes(string noted, string found)
    {
        var facts = Read(new TinyAdapter { BaseName = noted });
        Assert.Equal(noted, facts.BaseName);
        Assert.Equal([found], facts.BasesAmong([_small, _deep, _wide]).Select(model => model.Id));
    }

    [Theory]
    [InlineData("team/another")]
    [InlineData(null)]
    public void Base_OfNoKnownName_IsFoundByLayersAndWidth_TheNearestFirst(string? noted)
    {
        var facts = Read(
            new TinyAdapter
            {
                BaseName = noted,
                Layers = 8,
                Width = 256,
            }
        );
        Assert.Equal((8, 256), (facts.Layers, facts.Width));
        Assert.Equal(["small", "deep"], facts.BasesAmong([_wide, _deep, _small]).Select(model => model.Id));
        Assert.Empty(Read(new TinyAdapter { BaseName = noted, Layers = 13 }).BasesAmong([_wide, _deep, _small]));
        Assert.Empty(Read(new TinyAdapter { BaseName = noted, Width = 128 }).BasesAmong([_wide, _deep, _small]));
    }

    [Theory]
    [InlineData("adapter_config.json", "not json", "adapter_config.json can't be read")]
    [InlineData("adapter_config.json", "[]", "adapter_config.json can't be read")]
    [InlineData("adapter_model.safetensors", "too short", "adapter's files can't be read")]
    [InlineData("adapter_model.safetensors", "\u0001\u0000\u0000\u0000\u0000\u0000\u0000\u0000{........", "adapter's files can't be read")]
    public void FilesThatAreDamaged_AreRefusedWithWhichTheyAre(string file, string content, string reason)
    {
        new TinyAdapter().Write(_folder);
        File.WriteAllText(Path.Combine(_folder, file), content);
        var refusal = Assert.Throws<RuleViolationException>(() => AdapterFacts.Read(_folder));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    private AdapterFacts Read(TinyAdapter adapter) => AdapterFacts.Read(adapter.Write(_folder));

    private static BaseModel Model(string id, int layers, int width) =>
        new(id, "/models/" + id, "llama", "LlamaForCausalLM", 512, layers, width, 8192, 1, "");
}
