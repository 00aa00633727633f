using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Rows;

public sealed class SqlBoxTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqlBox _box = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Query_AnswersOverTheRows()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(90, 3));
        var result = await _box.QueryAsync(version.Path, "SELECT label, count(*) AS n FROM rows GROUP BY label ORDER BY label", TestContext.Current.CancellationToken);
        Assert.Equal(["label", "n"], result.Columns);
        Assert.Equal(["label0 30", "label1 30", "label2 30"], result.Rows.Select(r => string.Join(' ', r)));
        Assert.False(result.IsCut);
        Assert.True((await _box.QueryAsync(version.Path, "SELECT * FROM rows, rows AS more", TestContext.Current.CancellationToken)).IsCut);
    }

    [Theory]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM glob('/*')")]
    [InlineData("COPY rows TO '/tmp/stolen.csv'")]
    [InlineData("ATTACH '/tmp/other.db'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("SET enable_external_access = true")]
    [InlineData("SET memory_limit = '1TB'")]
    [InlineData("SET lock_configuration = false")]
    [InlineData("EXPORT DATABASE '/tmp/stolen'")]
    [InlineData("SELECT * FROM read_parquet('https://example.org/a.parquet')")]
    [InlineData("SELECT * FROM nothing")]
    [InlineData("")]
    public async Task Query_ThatReachesForTheServer_IsRefusedInASentence(string query)
    {
        var version = await _folder.WriteAsync(Generated.Labelled(9, 3));
        await Assert.ThrowsAsync<DataProblemException>(() => _box.QueryAsync(version.Path, query, TestContext.Current.CancellationToken));
        Assert.False(File.Exists("/tmp/stolen.csv") || Directory.Exists("/tmp/stolen"));
    }

    [Fact]
    public async Task Query_ThatWrites_ChangesNothing()
    {
        var version = await _folder.WriteAsync(Generated.Labelled(9, 3));
        var before = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(version.Path)));
        await _box.QueryAsync(version.Path, "DELETE FROM rows", TestContext.Current.CancellationToken);
        await _box.QueryAsync(version.Path, "SELECT 1; COPY rows TO '/tmp/stolen.csv'", TestContext.Current.CancellationToken); // only the first counts
        Assert.False(File.Exists("/tmp/stolen.csv"));
        Assert.Equal("9", (await _box.QueryAsync(version.Path, "SELECT count(*) FROM rows", TestContext.Current.CancellationToken)).Rows[0][0]);
        Assert.Equal(before, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(version.Path))));
    }
}
