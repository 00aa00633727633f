using CsvHelper;
using WebTrainer.Portal.Features.Demo;

namespace WebTrainer.Portal.Tests.Demo;

/// <summary>The demo's dataset as it lies in the build.</summary>
public sealed class ShopMessagesTests
{
    private const string Resource = "shop-messages.csv";
    private const int Topics = 12,
        MessagesPerTopic = 44;

    [Fact]
    public void Header_NamesTextAndTopic() => Assert.Equal(["text", "topic"], Read()[0]);

    [Fact]
    public void Topics_AreTwelve_WithFortyFourMessagesEach()
    {
        var counts = Messages().CountBy(row => row.Topic).ToDictionary();
        Assert.Equal(Topics, counts.Count);
        Assert.All(counts, topic => Assert.Equal(MessagesPerTopic, topic.Value));
    }

    [Fact]
    public void Texts_AreNeverEmpty_AndNeverRepeated()
    {
        var texts = Messages().Select(row => row.Text).ToList();
        Assert.DoesNotContain(texts, string.IsNullOrWhiteSpace);
        Assert.Empty(texts.GroupBy(Plain).Where(same => same.Count() > 1).SelectMany(same => same));
    }

    /// <summary>Letters and digits alone: a repetition in other case or punctuation is one all the same.</summary>
    private static string Plain(string text) => string.Concat(text.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    private static List<(string Text, string Topic)> Messages() => [.. Read().Skip(1).Select(row => (row[0], row[1]))];

    private static List<string[]> Read()
    {
        using var file = typeof(DemoProject).Assembly.GetManifestResourceStream(Resource);
        Assert.NotNull(file);
        using var reader = CsvReader.Create(new StreamReader(file), CsvReaderOptions.Default with { HasHeader = false }, leaveOpen: false);
        var rows = new List<string[]>();
        while (reader.Read())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)]);
        }

        return rows;
    }
}
