namespace WebTrainer.Learning.Evaluation;

/// <summary>Finds how many tokens to run at once: twice as many as long as that is faster, half where memory ends.</summary>
internal sealed class BatchBudget
{
    private const int Least = 512,
        Most = 32768;
    private const double Worthwhile = 1.05;
    private double _bestRate;
    private bool _settled;

    /// <summary>Tokens of the next forward pass, padding counted.</summary>
    public int Tokens { get; private set; } = 2048;

    /// <summary>Tells how long a pass took; one that was not full says nothing.</summary>
    public void Took(int tokens, TimeSpan time)
    {
        if (_settled || tokens < Tokens / 2)
        {
            return;
        }

        var rate = tokens / Math.Max(1e-6, time.TotalSeconds);
        _settled = rate < _bestRate * Worthwhile;
        Tokens = Math.Clamp(_settled ? Tokens / 2 : Tokens * 2, Least, Most);
        _bestRate = Math.Max(_bestRate, rate);
    }

    /// <returns>False when a pass can't be made smaller.</returns>
    public bool Halve()
    {
        _settled = true;
        Tokens /= 2;
        return Tokens >= Least;
    }
}
