namespace WebTrainer.Jobs.Sharing;

/// <summary>
/// Slurm's classic fair-share factor (https://slurm.schedmd.com/classic_fair_share.html) over two levels, projects and their people:
/// F = 2^(−U_E / S), where S is the share, U_A the part of all decayed device time, and U_E the effective usage: U_A of a project, and of a
/// person U_A + (U_E(project) − U_A) · w / Σw of the project's people.
/// </summary>
public sealed class Shares
{
    private readonly Dictionary<Sharer, double> _weights;
    private readonly Dictionary<Guid, double> _peopleWeights;
    private readonly Dictionary<Guid, double> _projectWeights;
    private readonly Dictionary<Sharer, double> _seconds = [];
    private readonly Dictionary<Guid, double> _projectSeconds = [];
    private readonly double _allWeights;
    private double _allSeconds;

    internal Shares(Dictionary<Sharer, double> weights, Func<Guid, double> projectWeight)
    {
        _weights = weights;
        _peopleWeights = weights.GroupBy(one => one.Key.ProjectId).ToDictionary(group => group.Key, group => group.Sum(one => one.Value));
        _projectWeights = _peopleWeights.Keys.ToDictionary(id => id, projectWeight);
        _allWeights = _projectWeights.Values.Sum();
    }

    /// <summary>Who takes part.</summary>
    public IReadOnlyCollection<Sharer> Present => _weights.Keys;

    /// <summary>Counts device time of who takes part.</summary>
    /// <param name="seconds">Decayed already.</param>
    public void Charge(Sharer who, double seconds)
    {
        _seconds[who] = _seconds.GetValueOrDefault(who) + seconds;
        _projectSeconds[who.ProjectId] = _projectSeconds.GetValueOrDefault(who.ProjectId) + seconds;
        _allSeconds += seconds;
    }

    /// <returns>1 for who used nothing, ½ for who used just the own share, towards 0 for who used far more.</returns>
    /// <exception cref="KeyNotFoundException">Who asks takes no part.</exception>
    public double FactorOf(Sharer who)
    {
        if (_allSeconds <= 0)
        {
            return 1;
        }

        var ofProject = _weights[who] / _peopleWeights[who.ProjectId];
        var share = ofProject * _projectWeights[who.ProjectId] / _allWeights;
        var used = _seconds.GetValueOrDefault(who) / _allSeconds;
        var usedByProject = _projectSeconds.GetValueOrDefault(who.ProjectId) / _allSeconds;
        return Math.Pow(2, -(used + ((usedByProject - used) * ofProject)) / share);
    }
}
