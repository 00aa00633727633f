using System.Text.Json.Nodes;
using WebTrainer.Learning.Checkpoints;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>The shipped base as it is, and with faults that readers of models are known for.</summary>
[Trait("Category", "Slow")]
public sealed class ReadingPagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ShippedBase_ReadsAsItShould()
    {
        var check = Check("none");
        Assert.Null(check.ReadingProblem);
        var english = check.Readings.Single(page => page.Language == "English");
        Assert.InRange(english.BitsPerByte, 1.2, 1.45);
        Assert.InRange(english.SightGain, 0.3, 1);
        Assert.True(check.Readings.Single(page => page.Language == "Persian").IsFarWorse); // which it has never seen
    }

    [Theory]
    [InlineData("turned too fast")]
    [InlineData("turned in pairs instead of halves")]
    [InlineData("queries for keys")]
    [InlineData("output maps transposed")]
    [InlineData("layers without norm")]
    [InlineData("random")]
    public void FaultOfAReader_Shows(string fault)
    {
        var problem = Check(fault).ReadingProblem;
        Assert.StartsWith("This model reads text far worse than it should", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void CheckWithoutReadings_SaysNothing() => Assert.Null(new ModelCheck(1, 1, 1, 1, "", 1, 1).ReadingProblem);

    private ModelCheck Check(string fault)
    {
        foreach (var file in Directory.GetFiles(ShippedFolder.Find()))
        {
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        }

        var weights = _folder.File("model.safetensors");
        if (fault == "turned too fast")
        {
            var config = JsonNode.Parse(File.ReadAllText(_folder.File("config.json")))!;
            config["rope_theta"] = 10;
            File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
        }
        else if (fault != "none")
        {
            var damaged = Safetensors.Read(weights).ToDictionary(pair => pair.Key, pair => Damage(pair.Key, pair.Value, fault));
            Safetensors.Write(weights + ".new", fault == "queries for keys" ? Exchanged(damaged) : damaged);
            File.Move(weights + ".new", weights, overwrite: true);
        }

        var model = ModelStore.Load(_folder.Path, ScalarType.Float32, ScalarType.Float32, CPU);
        var readings = ReadingPages.Measure(model, TextTokenizer.Load(_folder.Path), TestContext.Current.CancellationToken);
        return new ModelCheck(1, 1, 1, 1, "", 1, 1) { Readings = readings };
    }

    private static Tensor Damage(string name, Tensor weight, string fault)
    {
        bool Is(string part) => name.Contains(part, StringComparison.Ordinal);
        return fault switch
        {
            "turned in pairs instead of halves" when Is("q_proj") || Is("k_proj") => weight
                .view(4, 2, 32, 256)
                .transpose(1, 2)
                .reshape(256, 256)
                .contiguous(),
            "output maps transposed" when Is("o_proj") => weight.t().contiguous(),
            "layers without norm" when Is("layernorm") => weight * 10,
            "random" when weight.dim() == 2 => randn_like(weight).Times(0.02),
            _ => weight,
        };
    }

    private static Dictionary<string, Tensor> Exchanged(Dictionary<string, Tensor> weights) =>
        weights.ToDictionary(
            pair =>
                pair.Key.Contains("q_proj", StringComparison.Ordinal)
                    ? pair.Key.Replace("q_proj", "k_proj", StringComparison.Ordinal)
                    : pair.Key.Replace("k_proj", "q_proj", StringComparison.Ordinal),
            pair => pair.Value
        );
}
