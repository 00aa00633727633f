using System.Globalization;
using TorchSharp;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Pretraining;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Worker;

/// <summary>
/// <c>pretrain --out FOLDER --books FOLDER[,FOLDER] --chats FILE[,FILE] [--from MODEL] [--minutes N] [--steps N] [--rate R] [--seed N]
/// [--threads N]</c>: a new base model.
/// </summary>
internal static class PretrainCommand
{
    private const int VocabularySize = 8192,
        ContextTokens = 512,
        ChatRepeats = 3;

    public static int Run(IReadOnlyDictionary<string, string> options, CancellationToken cancellationToken)
    {
        var folder = new RunFolder(Path.GetFullPath(options["out"]));
        Directory.CreateDirectory(folder.Output);
        torch.set_num_threads(int.Parse(options.GetValueOrDefault("threads", "2")));
        var (tokenizer, tokens) = Prepare(folder, options, cancellationToken);
        var config = new ModelConfig
        {
            VocabularySize = VocabularySize,
            HiddenSize = 256,
            IntermediateSize = 688,
            Layers = 8,
            Heads = 4,
            KeyValueHeads = 4,
            HeadSize = 64,
            ContextTokens = ContextTokens,
        };
        var settings = new PretrainSettings(
            Minutes: double.Parse(options.GetValueOrDefault("minutes", "70")),
            MaxSteps: int.Parse(options.GetValueOrDefault("steps", "100000"))
        )
        {
            From = options.GetValueOrDefault("from"),
            LearningRate = double.Parse(options.GetValueOrDefault("rate", "0.002"), CultureInfo.InvariantCulture),
            Seed = long.Parse(options.GetValueOrDefault("seed", "1"), CultureInfo.InvariantCulture),
        };
        new Pretrainer(folder, config, tokenizer, settings).Run(tokens, File.ReadAllText(HeldOut(folder)), cancellationToken);
        return 0;
    }

    private static string HeldOut(RunFolder folder) => Path.Combine(folder.Output, "heldout.txt");

    /// <summary>Tokenizer and encoded corpus; kept in the folder, so that a resumed training doesn't make them again.</summary>
    private static (TextTokenizer Tokenizer, ushort[] Tokens) Prepare(
        RunFolder folder,
        IReadOnlyDictionary<string, string> options,
        CancellationToken cancellationToken
    )
    {
        var encoded = Path.Combine(folder.Root, "tokens.bin");
        if (File.Exists(encoded))
        {
            return (TextTokenizer.Load(folder.Output), Corpus.Load(encoded));
        }

        var corpus = CorpusReader.Read(
            options["books"].Split(','),
            options.GetValueOrDefault("chats", "").Split(',', StringSplitOptions.RemoveEmptyEntries),
            ChatRepeats
        );
        AtomicFile.WriteAllText(HeldOut(folder), corpus.HeldOut);
        Console.WriteLine($"{DateTimeOffset.Now:T} {corpus.Documents.Count} documents read");
        if (options.TryGetValue("from", out var earlier))
        {
            CopyTokenizer(earlier, folder.Output);
        }
        else
        {
            var vocabulary = BpeTrainer.Train(corpus.Documents.SelectMany(document => document.Texts()), VocabularySize, SpecialTokens.All);
            TokenizerWriter.Write(vocabulary, folder.Output, ContextTokens);
        }

        Console.WriteLine($"{DateTimeOffset.Now:T} encoding");
        var tokenizer = TextTokenizer.Load(folder.Output);
        var tokens = corpus.Encode(tokenizer, cancellationToken);
        Corpus.Save(encoded, tokens);
        Console.WriteLine($"{DateTimeOffset.Now:T} {tokens.Length} tokens");
        return (tokenizer, tokens);
    }

    private static void CopyTokenizer(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "tokenizer*.json"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }
}
