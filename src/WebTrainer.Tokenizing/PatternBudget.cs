using System.Diagnostics;
using System.Text.RegularExpressions;

namespace WebTrainer.Tokenizing;

/// <summary>
/// Time that all matches of one pattern may take together. One match takes no longer than its text is long, but a pattern can look through
/// all of the text for each sign of it. A hundredth of the usual speed is enough, so that a busy machine is not mistaken for a bad pattern.
/// </summary>
internal sealed class PatternBudget
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_eachCharacter = TimeSpan.FromMicroseconds(10);

    /// <summary>In ticks of <see cref="TimeSpan"/>: what texts have brought, and what their matches have taken.</summary>
    private long _given = s_start.Ticks,
        _taken;

    public Turn Begin(int characters)
    {
        Interlocked.Add(ref _given, characters * s_eachCharacter.Ticks);
        return new Turn(this);
    }

    /// <summary>The matching of one text.</summary>
    internal sealed class Turn(PatternBudget budget) : IDisposable
    {
        private readonly long _began = Stopwatch.GetTimestamp();

        /// <exception cref="RegexMatchTimeoutException">The time is used up.</exception>
        public void Check()
        {
            if (Interlocked.Read(ref budget._taken) + Stopwatch.GetElapsedTime(_began).Ticks > Interlocked.Read(ref budget._given))
            {
                throw new RegexMatchTimeoutException();
            }
        }

        public void Dispose() => Interlocked.Add(ref budget._taken, Stopwatch.GetElapsedTime(_began).Ticks);
    }
}
