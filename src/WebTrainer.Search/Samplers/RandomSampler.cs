namespace WebTrainer.Search.Samplers;

/// <summary>Each value as likely as another on its parameter's scale.</summary>
public sealed class RandomSampler : ISampler
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Next(SearchSpace space, IReadOnlyList<Trial> history, long seed)
    {
        var draw = new Draw(seed, history.Count);
        return space.Fill(parameter => parameter.FromUnit(draw.Uniform()));
    }
}
