using System.Text;
using LLama;
using LLama.Common;
using LLama.Native;

namespace WebTrainer.Learning.Tests;

/// <summary>A GGUF file read and run by llama.cpp itself (LLamaSharp), on one thread, its cache in float32.</summary>
internal sealed class LlamaCpp : IDisposable
{
    private const uint Context = 256;

    /// <summary>Why llama.cpp's library can't be loaded on this machine; null where it can.</summary>
    private static readonly string? s_missing = Load();

    private static readonly List<string> s_errors = [];
    private readonly LLamaWeights _weights;
    private readonly LLamaContext _context;

    public LlamaCpp(string path)
    {
        Assert.SkipWhen(s_missing is not null, $"llama.cpp can't be loaded on this machine: {s_missing}");
        var parameters = new ModelParams(path)
        {
            ContextSize = Context,
            BatchSize = Context,
            UBatchSize = Context,
            Threads = 1,
            BatchThreads = 1,
            GpuLayerCount = 0,
            TypeK = GGMLType.GGML_TYPE_F32,
            TypeV = GGMLType.GGML_TYPE_F32,
            FlashAttention = false,
        };
        try
        {
            _weights = LLamaWeights.LoadFromFile(parameters);
        }
        catch (LLama.Exceptions.LoadWeightsFailedException exception)
        {
            throw new InvalidOperationException(string.Concat(s_errors), exception);
        }

        _context = _weights.CreateContext(parameters);
    }

    public bool AddsBegin => _weights.Vocab.ShouldAddBOS;

    public string? Template => _weights.Metadata.GetValueOrDefault("tokenizer.chat_template");

    public bool Ends(int id) => ((LLamaToken)id).IsEndOfGeneration(_weights.Vocab);

    /// <param name="text">With the words of control tokens as such, or as text.</param>
    /// <param name="control">Control tokens are found in the text.</param>
    public List<int> Tokens(string text, bool control) =>
        [.. _weights.NativeHandle.Tokenize(text, false, control, Encoding.UTF8).Select(token => (int)token)];

    /// <summary>Scores of the token behind the prompt.</summary>
    public float[] Scores(IReadOnlyList<int> prompt)
    {
        _context.NativeHandle.MemoryClear(true);
        return Read(prompt, 0);
    }

    /// <summary>The likeliest tokens, one after the other, without the one that ends them.</summary>
    public List<int> Greedy(IReadOnlyList<int> prompt, int count, IReadOnlySet<int> ends)
    {
        var (answer, scores) = (new List<int>(), Scores(prompt));
        while (answer.Count < count && Best(scores) is var next && !ends.Contains(next))
        {
            answer.Add(next);
            scores = Read([next], prompt.Count + answer.Count - 1);
        }

        return answer;
    }

    public void Dispose()
    {
        _context.Dispose();
        _weights.Dispose();
    }

    private float[] Read(IReadOnlyList<int> ids, int position)
    {
        var batch = new LLamaBatch();
        for (var i = 0; i < ids.Count; i++)
        {
            batch.Add((LLamaToken)ids[i], position + i, LLamaSeqId.Zero, logits: i == ids.Count - 1);
        }

        Assert.Equal(DecodeResult.Ok, _context.Decode(batch));
        return _context.NativeHandle.GetLogitsIth(batch.TokenCount - 1).ToArray();
    }

    private static int Best(float[] scores) => Array.IndexOf(scores, scores.Max());

    private static string? Load()
    {
        try
        {
            // without this, each load of a model writes a hundred lines to the console
            NativeLibraryConfig.All.WithLogCallback(
                (level, message) =>
                {
                    if (level == LLamaLogLevel.Error)
                    {
                        s_errors.Add(message);
                    }
                }
            );
            NativeApi.llama_empty_call();
            return null;
        }
        catch (Exception exception) when (exception is LLama.Exceptions.RuntimeError or DllNotFoundException or TypeInitializationException)
        {
            return exception.GetBaseException().Message;
        }
    }
}
