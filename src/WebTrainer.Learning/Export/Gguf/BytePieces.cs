using System.Text.Json;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Export;

/// <summary>Byte-level BPE (GPT-2, Llama 3, Qwen): words by a pattern that llama.cpp knows by a name, then merges.</summary>
internal sealed class BytePieces : GgufPieces
{
    private readonly string _cutting;
    private readonly List<string> _merges;

    public BytePieces(JsonElement root, TokenizerConfig config, AddedTokens added)
    {
        var model = root.GetProperty("model");
        var normalisers = TokenizerFile.Parts(root, "normalizer", "normalizers").Select(TokenizerFile.TypeOf).ToList();
        var other = normalisers.Find(type => type != "NFC");
        RefuseIf(other is not null, $"changes texts before it cuts them ({other})");
        RefuseIf(Flag(model, "byte_fallback"), "falls back to bytes (byte_fallback)");
        _cutting = PreTokenizerName.Of(root, Flag(model, "ignore_merges"), config.AddPrefixSpace);
        _merges = [.. Merges(root, added).Select(merge => $"{merge.Left} {merge.Right}")];
        ComposesText = normalisers.Count > 0;
    }

    public override bool ComposesText { get; }

    public override void WriteTo(GgufMetadata metadata, IReadOnlyList<string> tokens)
    {
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", _cutting);
        metadata.Add("tokenizer.ggml.merges", _merges);
    }
}
