using System.Globalization;
using WebTrainer.EndToEnd.Support;

namespace WebTrainer.EndToEnd;

/// <summary>A second real set of another shape: medical questions with long answers (MedQuAD), where it is beside the repository.</summary>
[Trait(Traits.Category, Traits.BeforeRelease)]
public sealed class QuestionAnswerTests
{
    [Fact]
    public async Task MedicalQuestions_TunedModelComesNearerToTheAnswersThanItsBase()
    {
        if (PortalProcess.SharedData is not { } shared)
        {
            Assert.Skip("shared/data is not beside the repository.");
            return;
        }

        await using var team = await Team.AssembleAsync();
        var version = await team.LeadApi.PublishAsync(
            team.ProjectId,
            "MedQuAD",
            "cancergov.jsonl",
            await File.ReadAllTextAsync(Path.Combine(shared, "medquad/cancergov.jsonl"))
        );
        var training = new
        {
            learningRate = 0.002,
            epochs = 2,
            microBatch = 8,
            accumulation = 2,
            contextTokens = 256,
            samples = 1,
        };
        var run = await team.StartRunAsync(version, training, "MedQuAD");
        var done = await team.LeadApi.UntilAsync($"projects/{team.ProjectId}/runs/{run}", Patience.Work, "completed", "failed");
        Assert.True(done.GetProperty("status").GetString() == "completed", done.ToString());

        var evaluation = await team.LeadApi.PostAsync(
            $"projects/{team.ProjectId}/evaluations",
            new { runIds = new[] { run }, maxRows = 60 }
        );
        var judged = await team.LeadApi.UntilAsync(
            $"projects/{team.ProjectId}/evaluations/{evaluation.GetProperty("id").GetGuid()}",
            Patience.Work,
            "completed",
            "failed"
        );
        var report = judged.GetProperty("report");
        var models = report.GetProperty("models").EnumerateArray().ToDictionary(m => m.GetProperty("kind").GetString()!, m => m);
        var lines = models.Values.Select(m =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{m.GetProperty("name").GetString()},{m.GetProperty("texts").GetProperty("tokenF1").GetDouble():F4},{m.GetProperty("texts").GetProperty("rougeL").GetDouble():F4},{m.GetProperty("texts").GetProperty("chrF").GetDouble():F4},{m.GetProperty("answerPerplexity")}"
            )
        );
        await File.WriteAllLinesAsync(
            Path.Combine(Directory.CreateDirectory(Path.Combine(PortalProcess.RepositoryRoot, "artifacts")).FullName, "medquad.csv"),
            ["model,token_f1,rouge_l,chrf,answer_perplexity", .. lines]
        );
        Assert.Equal(["base", "baseline", "tuned"], models.Keys.Order());
        Assert.True(
            models["tuned"].GetProperty("answerPerplexity").GetDouble() < models["base"].GetProperty("answerPerplexity").GetDouble() / 2
        );
        Assert.True(
            models["tuned"].GetProperty("texts").GetProperty("tokenF1").GetDouble()
                > models["base"].GetProperty("texts").GetProperty("tokenF1").GetDouble()
        );
    }
}
