using System.Security.Cryptography;
using WebTrainer.Models;
using WebTrainer.Portal.Features.Benchmarks;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations.Forgetting;

/// <summary>
/// What every evaluation asks of the base and the tuned models, so that nobody has to think of it: what has tuning cost? A model that
/// writes is asked general text, an encoder how like two sentences are.
/// </summary>
public static class ForgettingBenchmarks
{
    /// <summary>Enough to see a loss of 10 points.</summary>
    private const int GeneralQuestions = 400;
    private const int Pairs = 1_500;
    private const string PairsFile = "stsb-en-dev.csv";

    private static readonly Lazy<DatasetFile> s_pairs = new(() =>
    {
        var path = Path.Combine(AppContext.BaseDirectory, PairsFile);
        using var stream = File.OpenRead(path);
        return new DatasetFile(path, Convert.ToHexStringLower(SHA256.HashData(stream)), Pairs);
    });

    /// <returns>Null where the model has nothing that could be forgotten measurably: a decoder that ships without general text.</returns>
    public static BenchmarkSpec? Of(BaseModel model) =>
        model.IsEncoder
            ? new()
            {
                Kind = BenchmarkKind.SentenceSimilarity,
                Name = "STS Benchmark, development part",
                File = s_pairs.Value,
            }
        : ModelCatalog.GeneralTextOf(model) is not null
            ? new()
            {
                Kind = BenchmarkKind.General,
                Name = BenchmarkWords.Title(BenchmarkKind.General),
                MaxQuestions = GeneralQuestions,
            }
        : null;
}
