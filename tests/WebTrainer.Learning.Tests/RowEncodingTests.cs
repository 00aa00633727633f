using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

public sealed class RowEncodingTests
{
    [Fact]
    public void All_OneRowFails_NamesItWithItsReason()
    {
        var rows = TinyModel.Rows(40);
        var fault = Assert.Throws<DataException>(() =>
            RowEncoding.All(
                rows,
                row => row.Id == "r17" ? throw new DataException("The role 'robot' is not known.") : [],
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal("Row r17: The role 'robot' is not known.", fault.Message);
    }

    [Fact]
    public void All_SeveralRowsFail_NamesTheFirst()
    {
        for (var round = 0; round < 20; round++)
        {
            var fault = Assert.Throws<DataException>(() =>
                RowEncoding.All(
                    TinyModel.Rows(40),
                    row => row.Id is "r3" or "r20" or "r39" ? throw new DataException("broken") : [],
                    TestContext.Current.CancellationToken
                )
            );
            Assert.Equal("Row r3: broken", fault.Message);
        }
    }

    [Fact]
    public void All_FaultOfTheProgram_KeepsItsType() =>
        Assert.Throws<InvalidOperationException>(() =>
            RowEncoding.All(TinyModel.Rows(4), _ => throw new InvalidOperationException("a fault"), TestContext.Current.CancellationToken)
        );

    [Fact]
    public void All_Cancelled_IsCancelled()
    {
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() =>
            RowEncoding.All(
                TinyModel.Rows(40),
                _ =>
                {
                    stop.Cancel();
                    stop.Token.ThrowIfCancellationRequested();
                    return [];
                },
                stop.Token
            )
        );
    }

    [Fact]
    public void All_KeepsTheRowsOrder() =>
        Assert.Equal(
            TinyModel.Rows(100).Select(row => row.Id),
            RowEncoding
                .All(TinyModel.Rows(100), row => [new TokenRow(row.Id, [1], 0)], TestContext.Current.CancellationToken)
                .Select(row => row.Id)
        );

    [Fact]
    public void RootCause_OfParallelWork_IsWhatHappened()
    {
        var happened = new DataException("row 3");
        Assert.Same(
            happened,
            RootCause.Of(
                new AggregateException(
                    new OperationCanceledException(),
                    new AggregateException(new System.Reflection.TargetInvocationException(happened))
                )
            )
        );
        Assert.IsType<OperationCanceledException>(RootCause.Of(new AggregateException(new OperationCanceledException())));
        Assert.Same(happened, RootCause.Of(happened));
    }
}
