using System.Runtime.InteropServices;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Evaluation;

/// <summary>Collects questions "how likely is this token after that position?" and answers them together.</summary>
internal sealed class TokenScores
{
    private readonly Dictionary<int, long> _places = [];
    private readonly List<long> _asked = [],
        _tokens = [];

    public void Ask(int position, int token)
    {
        if (!_places.TryGetValue(position, out var place))
        {
            _places[position] = place = _places.Count;
        }

        _asked.Add(place);
        _tokens.Add(token);
    }

    /// <summary>Only positions asked about reach the head.</summary>
    /// <param name="model">Gives the scores of the asked positions.</param>
    /// <param name="hidden"><c>[positions, hidden]</c></param>
    /// <returns>log p of each question, in their order.</returns>
    public float[] Answer(ILanguageModel model, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return Look(model.Logits(hidden.index_select(0, Positions(hidden.device))));
    }

    /// <param name="logits"><c>[positions, vocabulary]</c></param>
    public float[] Answer(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return Look(logits.index_select(0, Positions(logits.device)));
    }

    private Tensor Positions(Device device) => tensor(_places.Keys.Select(position => (long)position).ToArray(), device: device);

    private float[] Look(Tensor logits)
    {
        var wide = logits.to(ScalarType.Float32); // [places, vocabulary]
        var places = tensor(_asked.ToArray(), device: logits.device);
        var tokens = tensor(_tokens.ToArray(), device: logits.device);
        var chosen = wide.flatten().index_select(0, (places * wide.shape[1]) + tokens);
        var scores = (chosen - wide.logsumexp(-1).index_select(0, places)).cpu();
        return MemoryMarshal.Cast<byte, float>(scores.bytes).ToArray();
    }
}
