using System.Security.Cryptography;
using System.Text.Json;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>A base model and run folders small enough for tests.</summary>
internal static class TinyModel
{
    public static readonly string[] Labels = ["lost_card", "lost_phone", "refund", "exchange_rate"];

    public static ModelConfig Config(int vocabulary) =>
        new()
        {
            VocabularySize = vocabulary,
            HiddenSize = 32,
            IntermediateSize = 64,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 1,
            HeadSize = 16,
            ContextTokens = 64,
        };

    public static BpeVocabulary Vocabulary() =>
        BpeTrainer.Train(
            ["the card was lost and the phone was lost too; refund the exchange rate " + string.Join(' ', Labels)],
            320,
            SpecialTokens.All
        );

    /// <summary>Writes a Hugging Face folder.</summary>
    public static string Write(string folder)
    {
        TokenizerWriter.Write(Vocabulary(), folder, contextTokens: 64);
        var tokenizer = TextTokenizer.Load(folder);
        var config = Config(tokenizer.Size);
        ModelStore.Save(folder, config, ModelStore.Create(config, ScalarType.Float32, seed: 3).Parameters, ScalarType.Float32);
        return folder;
    }

    public static List<DatasetRow> Rows(int count) =>
        [
            .. Enumerable
                .Range(0, count)
                .Select(i => new DatasetRow(
                    $"r{i}",
                    [
                        new("user", $"The {Labels[i % 4].Replace('_', ' ')} number {i} {new string('x', i % 7)}"),
                        new("assistant", Labels[i % 4]),
                    ]
                )),
        ];

    public static DatasetFile WriteRows(string path, IEnumerable<DatasetRow> rows)
    {
        var list = rows.ToList();
        File.WriteAllLines(path, list.Select(row => JsonSerializer.Serialize(row, ProtocolJson.Line)));
        return new(path, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))), list.Count);
    }

    public static TrainSpec Spec(TemporaryFolder folder)
    {
        var rows = Rows(48);
        return new TrainSpec
        {
            RunId = Guid.Empty,
            BaseModel = Write(folder.File("base")),
            Threads = 1,
            Data = new DatasetFiles
            {
                Train = WriteRows(folder.File("train.jsonl"), rows),
                Validation = WriteRows(folder.File("validation.jsonl"), rows.Take(6)),
                Test = WriteRows(folder.File("test.jsonl"), rows.Take(8)),
                Labels = Labels,
            },
            Method = new MethodSpec
            {
                Rank = 4,
                Alpha = 8,
                Dropout = 0.1,
            },
            Training = new TrainingSettings
            {
                MicroBatch = 4,
                Accumulation = 2,
                Epochs = 2,
                CheckpointEverySteps = 3,
                ContextTokens = 64,
                Samples = 1,
            },
        };
    }
}
