using System.Text.Json;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Portal.Features.Evaluations.Examples;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Evaluations;

public sealed class QuestionIndexTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("questions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Page_IsTheSameAsReadingTheFileFromItsStart()
    {
        var all = Enumerable.Range(0, 997).Select(i => Question(i, text: new string('ü', i * 7 % 300))).ToList();
        var index = await new QuestionIndexes().OfAsync(Write(all), Ct);
        Assert.Equal(["500", "501", "502"], Ids(index.Read(null, false, 500, 3)));
        Assert.Equal(all[996].Prompt, Assert.Single(index.Read("", false, 996, 25).Questions).Prompt);
        Assert.Equal(997, index.Read(null, false, 0, 1).Total);
        var odd = all.Where((_, i) => i % 3 == 1 && i % 2 == 0).ToList();
        var page = index.Read("1", true, 10, 5);
        Assert.Equal(odd.Count, page.Total);
        Assert.Equal(odd.Skip(10).Take(5).Select(q => q.Id), Ids(page));
        Assert.Empty(index.Read("no such", false, 0, 25).Questions);
    }

    [Fact]
    public async Task FileWrittenAnew_IsReadAnew_AndALineBeingWrittenIsLeftOut()
    {
        var indexes = new QuestionIndexes();
        var path = Write([Question(0)]);
        Assert.Equal(1, (await indexes.OfAsync(path, Ct)).Read(null, false, 0, 1).Total);
        await File.WriteAllTextAsync(
            path,
            string.Concat(Enumerable.Range(0, 3).Select(i => JsonSerializer.Serialize(Question(i), ProtocolJson.Line) + "\n"))
                + """{"id":"3","cat""",
            Ct
        );
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(3, (await indexes.OfAsync(path, Ct)).Read(null, false, 0, 1).Total);
    }

    /// <summary>Even ones are answered differently well.</summary>
    private static QuestionResult Question(int i, string text = "") =>
        new($"{i}", $"{i % 3}", $"Question {i} {text}", "", [new("base", "a", 0), new("run-1", "b", i % 2 == 0 ? 1 : 0)]);

    private string Write(IEnumerable<QuestionResult> questions)
    {
        var path = Path.Combine(_folder, "questions.jsonl");
        File.WriteAllText(path, string.Concat(questions.Select(q => JsonSerializer.Serialize(q, ProtocolJson.Line) + "\n")));
        return path;
    }

    private static IEnumerable<string> Ids(QuestionPage page) => page.Questions.Select(q => q.Id);
}
