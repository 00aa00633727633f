using DuckDB.NET.Data;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Import.Conversion;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Import;

/// <summary>Columns of Parquet files whose values JSON has no word for.</summary>
public sealed class ParquetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("4.7::FLOAT", "4.7")]
    [InlineData("'NaN'::FLOAT", null)]
    [InlineData("'NaN'::DOUBLE", null)]
    [InlineData("'-Infinity'::DOUBLE", null)]
    [InlineData("[4.7::FLOAT, 'NaN'::FLOAT]", "[4.7,null]")]
    [InlineData("12345678901234567890123456789012345678::DECIMAL(38,0)", "12345678901234567890123456789012345678")]
    [InlineData("18446744073709551615::UBIGINT", "18446744073709551615")]
    [InlineData("1.10::DECIMAL(38,2)", "1.10")]
    [InlineData("{'a': 1, 'b': 'x'}::VARIANT", """{"a":1,"b":"x"}""")]
    [InlineData("'text'::VARIANT", "text")]
    public async Task Values_AreKeptAsTheyAre_AndWhatIsNoNumberIsNothing(string value, string? expected)
    {
        var path = _folder.At("rows.parquet");
        await using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText =
                $"COPY (SELECT 'p' AS prompt, 'c' AS completion, {value} AS \"the \"\"value\"\"\") TO '{path}' (FORMAT parquet)";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var text = await new FileConverter().ConvertAsync(
            new SourceFile(path, "rows.parquet"),
            _folder.At("text"),
            TestContext.Current.CancellationToken
        );
        var row = Assert.Single(
            await (await _folder.ImportAsync(text, mapping => mapping with { Extra = ["the \"value\""] })).Version.RowsAsync()
        );
        Assert.Equal(expected, row.Extra.GetValueOrDefault("the \"value\""));
    }

    [Fact]
    public async Task Encrypted_IsRefusedByName()
    {
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            new FileConverter().ConvertAsync(
                _folder.Write("rows.parquet", "PAREsecretPARE"),
                _folder.At("text"),
                TestContext.Current.CancellationToken
            )
        );
        Assert.Contains("encrypted Parquet", refusal.Message, StringComparison.Ordinal);
    }
}
