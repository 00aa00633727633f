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
        List<int[]> labels =
        [
            .. Enumerable
                .Range(0, 25)
                .Select(_ => (int[])[.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(1, 6)), 0])
                .DistinctBy(label => string.Join(',', label)),
        ];
        List<IReadOnlyList<int>> prompts =
        [
            .. Enumerable
                .Range(0, 20)
                .Select(_ => (IReadOnlyList<int>)[.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(32))]),
        ];
        var losses = prompts.Select(prompt => Losses(model, prompt, labels)).ToList();
        var chosen = new LabelChooser(model, labels).Choose(prompts, weigh: false, TestContext.Current.CancellationToken);
        Assert.Equal(losses.Select(Best), chosen.Select(choice => choice.Label));
        Assert.All(chosen, choice => Assert.Null(choice.Probability));
        Assert.True(chosen.Distinct().Count() > 2);

        var weighed = new LabelChooser(model, labels).Choose(prompts, weigh: true, TestContext.Current.CancellationToken);
        Assert.Equal(losses.Select(Best), weighed.Select(choice => choice.Label));
        Assert.All(
            weighed.Zip(losses),
            pair =>
            {
                var exact = Math.Exp(-pair.Second.Min()) / pair.Second.Sum(loss => Math.Exp(-loss));
                Assert.InRange(pair.First.Probability!.Value, exact * 0.9999, exact * 1.0011);
            }
        );
    }

    [Fact]
    public void LabelWalk_OfLongLabels_WeighsWhatDoublesCannotHold()
    {
        var trie = LabelTrie.Build([
            [1, 0],
            [2, 0],
        ]);
        var walk = new LabelWalk(weigh: true);
        walk.AddWhole(trie.Children[0], -2000);
        walk.AddWhole(trie.Children[1], -2000 + Math.Log(3));
        Assert.Empty(walk.Take(1));
        Assert.Equal(1, walk.Choice.Label);
        Assert.Equal(0.75, walk.Choice.Probability!.Value, 1e-9);
    }

    private static int Best(float[] losses) => Array.IndexOf(losses, losses.Min());

    private static float[] Losses(CausalLM model, IReadOnlyList<int> prompt, List<int[]> labels)
    {
        using var _ = no_grad();
        return
        [
            .. labels.Select(label =>
            {
                using var batch = Batch.Of([new TokenRow("", [.. prompt, .. label], prompt.Count)], 0, CPU);
                return AnswerLoss.Sum(model, batch).item<float>();
            }),
        ];
    }
}
