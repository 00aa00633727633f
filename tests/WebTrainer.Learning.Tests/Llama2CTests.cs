using System.Text.Json;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

public sealed class Llama2CTests
{
    [Fact]
    public void Stories260K_GreedyTokensAndText_EqualTheReference()
    {
        var folder = SharedFiles.Find("data", "stories260K");
        var model = Llama2C.Load(Path.Combine(folder, "stories260K.bin"));
        var tokenizer = Llama2C.LoadTokenizer(Path.Combine(folder, "tok512.bin"));
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected_greedy.json")));
        foreach (var story in document.RootElement.GetProperty("greedy").EnumerateArray())
        {
            int[] fed = [.. story.GetProperty("token_ids_fed_including_bos").EnumerateArray().Select(id => id.GetInt32())];
            List<int> prompt = [tokenizer.BeginId!.Value, .. tokenizer.Encode(story.GetProperty("prompt").GetString()!)];
            var answer = GreedyGenerator.Generate(
                model,
                [prompt],
                fed.Length - prompt.Count + 1,
                endIds: new HashSet<int>(),
                TestContext.Current.CancellationToken
            )[0];
            int[] all = [.. prompt, .. answer];
            Assert.Equal(fed, all.SkipLast(1)); // the last token is printed, not fed
            Assert.Equal(story.GetProperty("text").GetString()!.Trim(), tokenizer.Decode(all).Trim());
        }
    }

    [Fact]
    public void Load_FileOfAnotherLength_IsRefused()
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(SharedFiles.Find("data", "stories260K", "stories260K.bin"));
        File.WriteAllBytes(folder.File("short.bin"), bytes[..^4]);
        Assert.Contains(
            "header calls for",
            Assert.Throws<ModelFileException>(() => Llama2C.Load(folder.File("short.bin"))).Message,
            StringComparison.Ordinal
        );
    }
}
