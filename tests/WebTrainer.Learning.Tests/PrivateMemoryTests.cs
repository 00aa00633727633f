using WebTrainer.Learning.Models;
using WebTrainer.Learning.Planning;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

/// <summary>What is reckoned that a private training takes beside another.</summary>
public sealed class PrivateMemoryTests
{
    /// <summary>As benchmarks/privacy measured it: 986 MB beside 883 MB, rank 16 on all maps, 8 rows of 256 tokens, bfloat16.</summary>
    [Fact]
    public void MemoryEstimate_OfAPrivateRun_AddsWhatWasMeasured()
    {
        var config = new ModelConfig
        {
            VocabularySize = 32_000,
            HiddenSize = 288,
            IntermediateSize = 768,
            Layers = 6,
            Heads = 6,
            KeyValueHeads = 6,
            HeadSize = 48,
            ContextTokens = 256,
        };
        MemoryEstimate Of(PrivacySpec? privacy) =>
            MemoryEstimate.Of(
                config,
                new TrainSpec
                {
                    RunId = Guid.Empty,
                    BaseModel = "",
                    Method = new MethodSpec { Rank = 16, Targets = [MethodSpec.AllLinearName] },
                    Privacy = privacy,
                },
                new PassShape(8, 256, 8 * 255),
                bytes: 2,
                process: 0,
                teacher: null
            );
        var (plain, own) = (Of(null), Of(new PrivacySpec { Epsilon = 3 }));
        Assert.Equal(0, plain.Recorded);
        Assert.InRange(own.Total - plain.Total, 0.8 * 103e6, 1.2 * 103e6);
    }
}
