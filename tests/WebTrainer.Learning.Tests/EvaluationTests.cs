using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Training;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

public sealed class EvaluationTests
{
    [Fact]
    public void LabelChooser_AgreesWithScoringEveryLabel()
    {
        var model = ModelStore.Create(TinyModel.Config(vocabulary: 32), ScalarType.Float32, seed: 5);
        using (no_grad())
        {
            model.EmbeddingTable.mul_(20); // sharper choices than fresh weights make
        }

        var random = new Random(7);
        List<int[]> labels = [.. Enumerable.Range(0, 25).Select(_ => (int[])[.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(1, 6)), 0]).DistinctBy(label => string.Join(',', label))];
        List<IReadOnlyList<int>> prompts = [.. Enumerable.Range(0, 20).Select(_ => (IReadOnlyList<int>)[.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(32))])];
        var chosen = new LabelChooser(model, labels).Choose(prompts, TestContext.Current.CancellationToken);
        Assert.Equal(prompts.Select(prompt => Best(model, prompt, labels)), chosen);
        Assert.True(chosen.Distinct().Count() > 2);
    }

    private static int Best(CausalLM model, IReadOnlyList<int> prompt, List<int[]> labels)
    {
        using var _ = no_grad();
        return Enumerable.Range(0, labels.Count).MinBy(index =>
        {
            using var batch = Batch.Of([new TokenRow("", [.. prompt, .. labels[index]], prompt.Count)], 0, CPU);
            return AnswerLoss.Sum(model, batch).item<float>();
        });
    }
}
