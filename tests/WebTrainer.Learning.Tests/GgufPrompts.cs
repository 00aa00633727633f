using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Twenty prompts in several scripts, and how far two programs' scores behind one are apart.</summary>
internal static class GgufPrompts
{
    public static readonly string[] Texts =
    [
        "What is the capital of France?",
        "Write a short story about a dog and a cat.",
        "I've lost my card; what's the way to block it?",
        "  Two spaces before, three   between, two behind.  ",
        "Line one\nline two\n\n\tline three, with a tab",
        "12345 + 67890 = 80235, or 1,234.56 euros",
        "نامه‌ای به دوستم بنویس",
        "پایتخت ایران کجاست؟",
        "Schöne Grüße aus Köln, s'il vous plaît!",
        "Привет, как дела?",
        "你好，世界。今天天气怎么样？",
        "日本語で答えてください",
        "for (int i = 0; i < 10; i++) { sum += a[i]; }",
        "SELECT * FROM users WHERE id = 42 AND name = 'O''Brien';",
        "😀 emoji 🎉 and a flag 🇩🇪",
        "It's they'll we're I'd don't YOU'RE CAN'T",
        "https://example.org/path?query=1&other=%20#part",
        "a",
        "...!!!???---___***",
        "Tell me <b>how</b> to say \"thank you\" in five languages",
    ];

    /// <summary>A LoRA whose changes are large enough to be seen in the answers.</summary>
    public static LoraAdapter Adapter(CausalLM model, IReadOnlyList<string> targets)
    {
        var method = new MethodSpec
        {
            Rank = 8,
            Alpha = 16,
            Targets = targets,
        };
        var adapter = LoraAdapter.Create(model, method, seed: 5);
        using var generator = new Generator(7);
        using var _ = no_grad();
        foreach (var update in adapter.Updates.Values.OfType<LowRankUpdate>())
        {
            using var noise = randn(update.B.shape, generator: generator) * 0.02;
            update.B.add_(noise);
        }

        return adapter;
    }

    /// <returns>The greatest difference between log-probabilities of the next token, of all that have at least 10⁻⁶ here.</returns>
    public static double Difference(CausalLM model, LlamaCpp theirs, IReadOnlyList<int> prompt)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ours = Ours(model, prompt);
        var scores = LogProbabilities(tensor(theirs.Scores(prompt)));
        var seen = ours > Math.Log(1e-6);
        return (ours - scores).abs().masked_select(seen).max().item<double>();
    }

    /// <summary>Kullback-Leibler divergence of what llama.cpp expects next from what is expected here, in nats.</summary>
    public static double Divergence(CausalLM model, LlamaCpp theirs, IReadOnlyList<int> prompt)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var ours = Ours(model, prompt);
        var scores = LogProbabilities(tensor(theirs.Scores(prompt)));
        return (ours.exp() * (ours - scores)).sum().item<double>();
    }

    private static Tensor Ours(CausalLM model, IReadOnlyList<int> prompt)
    {
        var ids = tensor(prompt.Select(id => (long)id).ToArray()).unsqueeze(0);
        return LogProbabilities(model.Logits(model.Forward(ids))[0, -1]);
    }

    private static Tensor LogProbabilities(Tensor scores) => nn.functional.log_softmax(scores.to(ScalarType.Float64), 0);
}
