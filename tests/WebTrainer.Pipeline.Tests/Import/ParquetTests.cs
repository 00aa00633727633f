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
    [InlineData("[[4.7::FLOAT], NULL]", "[[4.7],null]")]
    [InlineData("[4.7, 0.1]::FLOAT[2]", "[4.7,0.1]")]
    [InlineData("{'a, b': 4.7::FLOAT, 'FLOAT': 'x', 'c \"d\"': {'e': [0.1::FLOAT]}}", """{"a, b":4.7,"FLOAT":"x","c \"d\"":{"e":[0.1]}}""")]
    [InlineData("CASE WHEN false THEN {'a': 4.7::FLOAT} END", null)]
    [InlineData("[{'a': 4.7::FLOAT}, {'a': NULL}, {'a': 'NaN'::FLOAT}, NULL]", """[{"a":4.7},{"a":null},{"a":null},null]""")]
    [InlineData("MAP {'k': 4.7::FLOAT, 'l': NULL}", """{"k":4.7,"l":null}""")]
    [InlineData("{'a': 1.5::DOUBLE, 'b': 'NaN'::DOUBLE}", """{"a":1.5,"b":null}""")]
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

    /// <summary>
    /// A column of INT96, which no library here writes, put together by hand: 1 May 2024 at nine, the last day of 290000 at two, the first
    /// of the year 1, and one that has wrapped around, as Spark's do.
    /// </summary>
    [Fact]
    public async Task OldMoments_AreKept_AndThoseThatWrappedAroundAreNothing()
    {
        const string File96 =
            "UEFSMRUAFWAVYCwVCBUAFQYVBgAAAKB9tncdAAAQiyUAAEBxYYwGAACWe2oGAAAAAAAAAABSRBoAAAAAAAAAAACfC8r5FQIZLEgEcm9vdBUCABUGJQAYAmF0ABYIGRwZHCYIHBUGGRUAGRgCYXQVABYIFoIBFoIBJggAABaCARYIAAA+AAAAUEFSMQ==";
        var text = await new FileConverter().ConvertAsync(
            _folder.Write("rows.parquet", Convert.FromBase64String(File96)),
            _folder.At("text"),
            TestContext.Current.CancellationToken
        );
        Assert.Equal(
            [
                """{"at":"2024-05-01 09:00:00"}""",
                """{"at":"290000-12-31 02:00:00"}""",
                """{"at":"0001-01-01 00:00:00"}""",
                """{"at":null}""",
            ],
            await File.ReadAllLinesAsync(text.Path, TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task TextThatIsNoUtf8_IsRefusedByThat_WithoutThePathOfTheFile()
    {
        var path = _folder.At("rows.parquet");
        await using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = $"COPY (SELECT 'replaced' AS prompt) TO '{path}' (FORMAT parquet, COMPRESSION uncompressed)";
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[bytes.AsSpan().IndexOf("replaced"u8)] = 0xFF;
        var refusal = await Assert.ThrowsAsync<DataProblemException>(() =>
            new FileConverter().ConvertAsync(
                _folder.Write("mine.parquet", bytes),
                _folder.At("text"),
                TestContext.Current.CancellationToken
            )
        );
        Assert.Contains("bytes that are no UTF-8", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetDirectoryName(path)!, refusal.Message, StringComparison.Ordinal);
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
