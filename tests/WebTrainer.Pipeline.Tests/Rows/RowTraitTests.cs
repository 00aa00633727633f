using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Rows;

/// <summary>What the profile counts is what a click on it shows.</summary>
public sealed class RowTraitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RowReader _reader = new();

    public void Dispose()
    {
        _reader.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task ReadPage_OfATrait_GivesTheRowsThatTheProfileCounts()
    {
        var rows = Enumerable.Range(0, 40).Select(i => Row(i, $"Question number {i:00}", i % 10 == 0 ? null : "Answer")).ToList();
        rows.Add(Row(40, "Question number 03", "Another answer"));
        rows.Add(Row(41, new string('x', 500), "Answer"));
        var version = (await _folder.WriteAsync(rows, "traits")).Path;
        var profile = await _reader.ProfileAsync(version);
        Assert.Equal((4L, 1L, 1L), (profile.Unanswered, profile.RepeatedPrompts, profile.FarTooLong));

        Assert.Equal([0, 10, 20, 30], await LinesAsync(RowTrait.Unanswered));
        Assert.Equal([3, 40], await LinesAsync(RowTrait.RepeatedPrompt)); // all rows of a repeated prompt, the first too
        Assert.Equal([41], await LinesAsync(RowTrait.FarTooLong));

        async Task<IEnumerable<long>> LinesAsync(RowTrait trait) =>
            (await _reader.ReadPageAsync(version, new RowQuery { Trait = trait })).Rows.Select(r => r.Line);
    }

    private static CanonicalRow Row(int i, string prompt, string? response) =>
        CanonicalRow.Create(Generated.Id(i), i, null, prompt, response);
}
