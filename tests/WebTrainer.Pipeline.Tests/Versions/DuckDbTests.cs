using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Tests.Versions;

/// <summary>Queries end with their token, and say so in the words that callers know.</summary>
public sealed class DuckDbTests
{
    private const string TakesLong = "SELECT sum(hash(a.range + b.range)) FROM range(1_000_000) AS a, range(1_000_000) AS b";
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task ReadAll_CancelledWhileTheQueryRuns_IsACancellation() =>
        await CancelledAsync(ended =>
        {
            using var connection = DuckDb.Open(100, Path.GetTempPath());
            using var command = connection.CreateCommand();
            command.CommandText = TakesLong;
            DuckDb.ReadAll(command, reader => reader.GetValue(0), ended);
        });

    [Fact]
    public async Task Execute_CancelledWhileTheStatementRuns_IsACancellation() =>
        await CancelledAsync(ended =>
        {
            using var connection = DuckDb.Open(100, Path.GetTempPath());
            DuckDb.Execute(connection, $"CREATE TABLE found AS {TakesLong}", ended);
        });

    [Fact]
    public void Execute_WrongStatement_IsItsOwnError()
    {
        using var connection = DuckDb.Open(100, Path.GetTempPath());
        Assert.Throws<DuckDB.NET.Data.DuckDBException>(() =>
            DuckDb.Execute(connection, "SELECT no_such_column", TestContext.Current.CancellationToken)
        );
    }

    private static async Task CancelledAsync(Action<CancellationToken> run)
    {
        using var ended = new CancellationTokenSource(s_soon);
        await Assert.ThrowsAsync<OperationCanceledException>(() => Task.Run(() => run(ended.Token), TestContext.Current.CancellationToken));
    }
}
