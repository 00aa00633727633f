using WebTrainer.Pipeline.Storage;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Versions;

public sealed class VersionWriterTests : IDisposable
{
    private const int LongText = 300_000;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Write_ShortRowsAndLongOnes_KeepsOrderAndContent()
    {
        var version = await _folder.WriteAsync(Enumerable.Range(0, 20_000).Select(Row));
        var place = 0;
        await foreach (var row in new VersionReader().ReadAsync(version.Path, cancellationToken: Ct))
        {
            var expected = Row(place++);
            Assert.Equal(
                (expected.Id, expected.Line, expected.Split, expected.System, expected.Prompt, expected.Response, expected.Label),
                (row.Id, row.Line, row.Split, row.System, row.Prompt, row.Response, row.Label)
            );
            Assert.Equal(expected.Messages.Select(m => (m.Role, m.Content)), row.Messages.Select(m => (m.Role, m.Content)));
            Assert.Equal(expected.Extra, row.Extra);
        }

        Assert.Equal((20_000, version.Rows), (place, version.Rows));
    }

    [Fact]
    public async Task Write_SourceFailsInTheMiddle_SaysItsErrorAndLeavesNothing()
    {
        async IAsyncEnumerable<CanonicalRow> FailingAsync()
        {
            for (var i = 0; i < 5_000; i++)
            {
                yield return Row(i);
            }

            await Task.Yield();
            throw new InvalidDataException("The file ends in the middle.");
        }

        var error = await Assert.ThrowsAsync<InvalidDataException>(() =>
            new VersionWriter().WriteAsync(FailingAsync(), _folder.At("failed"), cancellationToken: Ct)
        );

        Assert.Equal("The file ends in the middle.", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(_folder.At("failed"))!));
    }

    [Fact]
    public async Task Write_CancelledInTheMiddle_EndsAndLeavesNothing()
    {
        using var cancel = new CancellationTokenSource();
        async IAsyncEnumerable<CanonicalRow> EndlessAsync()
        {
            for (var i = 0; ; i++)
            {
                if (i == 10_000)
                {
                    await cancel.CancelAsync();
                }

                yield return Row(i);
            }
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new VersionWriter().WriteAsync(EndlessAsync(), _folder.At("cancelled"), cancellationToken: cancel.Token)
        );

        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(_folder.At("cancelled"))!));
    }

    private static CanonicalRow Row(int i)
    {
        var row = CanonicalRow.Create(
            Generated.Id(i),
            i,
            i % 3 == 0 ? "Be kind. 🌍" : null,
            i % 500 == 0 ? new string((char)('a' + (i % 26)), LongText) : $"Prompt {i}",
            i % 5 == 0 ? null : $"پاسخ {i}",
            i % 2 == 0 ? $"label{i % 7}" : null,
            i % 4 == 0 ? DataSplit.Test : null
        );
        return i % 6 == 0 ? row with { Extra = new Dictionary<string, string> { ["rating"] = $"{i}" } } : row;
    }
}
