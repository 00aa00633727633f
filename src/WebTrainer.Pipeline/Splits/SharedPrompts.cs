using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Splits;

/// <summary>Tells how many rows that judge were learned from, where they are of another version than what was learned.</summary>
public sealed class SharedPrompts(ImportLimits limits)
{
    private readonly VersionReader _reader = new(limits);

    /// <param name="judging">Path of the version whose test rows judge.</param>
    /// <param name="learned">Path of the version whose rows to train on and to watch by were learned from.</param>
    /// <returns>Test rows whose prompt stands among those learned, and all test rows.</returns>
    public async Task<(long Learned, long All)> CountAsync(string judging, string learned, CancellationToken cancellationToken)
    {
        var tests = new Dictionary<UInt128, long>();
        await foreach (var row in _reader.ReadAsync(judging, DataSplit.Test, cancellationToken))
        {
            var key = PromptKey.Of(row.Prompt);
            tests[key] = tests.GetValueOrDefault(key) + 1;
        }

        var all = tests.Values.Sum();
        var shared = 0L;
        await foreach (var row in _reader.ReadAsync(learned, cancellationToken: cancellationToken))
        {
            if (row.Split != DataSplit.Test && tests.Remove(PromptKey.Of(row.Prompt), out var rows))
            {
                shared += rows;
            }
        }

        return (shared, all);
    }
}
