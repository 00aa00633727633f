namespace WebTrainer.Jobs.Sharing;

/// <summary>Weights and decayed device time of everybody.</summary>
/// <param name="projectWeight">Above 0.</param>
/// <param name="personWeight">Above 0.</param>
public sealed class FairShare(Func<Guid, double> projectWeight, Func<Sharer, double> personWeight)
{
    private readonly Dictionary<Sharer, double> _seconds = [];

    /// <summary>Counts device time.</summary>
    /// <param name="seconds">Decayed already.</param>
    public void Charge(Sharer who, double seconds) => _seconds[who] = _seconds.GetValueOrDefault(who) + seconds;

    /// <summary>A copy that is charged by itself.</summary>
    public FairShare Copy()
    {
        var copy = new FairShare(projectWeight, personWeight);
        foreach (var (who, seconds) in _seconds)
        {
            copy._seconds[who] = seconds;
        }

        return copy;
    }

    /// <summary>What those are due who have work: shares of the absent are nobody's loss.</summary>
    public Shares Among(IEnumerable<Sharer> present)
    {
        var shares = new Shares(present.Distinct().ToDictionary(who => who, personWeight), projectWeight);
        foreach (var who in shares.Present)
        {
            shares.Charge(who, _seconds.GetValueOrDefault(who));
        }

        return shares;
    }
}
