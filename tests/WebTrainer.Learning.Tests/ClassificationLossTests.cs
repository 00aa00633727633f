using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Tests;

/// <summary>Against torch's cross_entropy and binary_cross_entropy_with_logits, as run by the reference.</summary>
public sealed class ClassificationLossTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("soft", false)]
    [InlineData("soft_weighted", true)]
    [InlineData("soft_smoothed", false)]
    [InlineData("two_class_targets", false)]
    [InlineData("soft_weighted_smoothed", true)]
    [InlineData("hard", false)]
    [InlineData("hard_weighted", true)]
    [InlineData("hard_smoothed", false)]
    [InlineData("hard_weighted_smoothed", true)]
    public void OneLabel_LossAndGradient_AreTorchs(string name, bool weighted)
    {
        using var document = Document();
        var wanted = Case(document, name);
        var inputs = document.RootElement.GetProperty("inputs");
        var smoothing = wanted.TryGetProperty("label_smoothing", out var value) ? value.GetDouble() : 0;
        var loss = new ClassificationLoss(
            ClassificationKind.OneLabel,
            4,
            smoothing,
            weighted ? Floats(inputs.GetProperty("class_weights")) : null
        );
        List<RowTarget> targets =
            wanted.GetProperty("targets").GetString() == "labels"
                ? [.. inputs.GetProperty("labels").EnumerateArray().Select(label => RowTarget.Of(label.GetInt32()))]
                :
                [
                    .. inputs
                        .GetProperty(wanted.GetProperty("targets").GetString()!)
                        .EnumerateArray()
                        .Select(row => new RowTarget([0, 1, 2, 3], Floats(row))),
                ];
        AssertEqual(loss, Scores(inputs), targets, wanted);
    }

    [Fact]
    public void Guessing_OfBalancedLabels_LosesTheLogarithmOfTheirNumber()
    {
        List<RowTarget> targets = [.. Enumerable.Range(0, 40).Select(i => RowTarget.Of(i % 4))];
        Assert.Equal(Math.Log(4), new ClassificationLoss(ClassificationKind.OneLabel, 4).OfGuessing(targets), Tolerance);
        Assert.Equal(
            0,
            new ClassificationLoss(ClassificationKind.OneLabel, 4).OfGuessing([.. targets.Where(target => target.Labels[0] == 1)]),
            1e-4
        );
    }

    [Theory]
    [InlineData(ClassificationKind.OneLabel, 0.0, false)]
    [InlineData(ClassificationKind.OneLabel, 0.1, true)]
    [InlineData(ClassificationKind.SeveralLabels, 0.0, false)]
    [InlineData(ClassificationKind.SeveralLabels, 0.1, true)]
    [InlineData(ClassificationKind.Number, 0.0, false)]
    public void Guessing_IsTheLeastThatOneAnswerToAllRowsLoses(ClassificationKind kind, double smoothing, bool weighted)
    {
        const int labels = 3,
            rows = 30;
        var loss = new ClassificationLoss(kind, labels, smoothing, weighted ? [0.5f, 1, 2] : null);
        List<RowTarget> targets =
        [
            .. Enumerable
                .Range(0, rows)
                .Select(i =>
                    kind switch
                    {
                        ClassificationKind.Number => RowTarget.OfNumber(i % 7),
                        ClassificationKind.SeveralLabels => i % 3 == 0 ? new RowTarget([0, 2], [1, 1]) : RowTarget.Of(i % 3),
                        _ => RowTarget.Of(i % 5 == 0 ? 1 : i % 3),
                    }
                ),
        ];
        var least = loss.OfGuessing(targets);
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var answer = Enumerable
                .Range(0, kind == ClassificationKind.Number ? 1 : labels)
                .Select(_ => (float)((random.NextDouble() * 8) - 2))
                .ToArray();
            var scores = tensor(answer).unsqueeze(0).expand(rows, answer.Length);
            Assert.True(loss.OfRows(scores, targets).sum().item<float>() / targets.Sum(loss.Count) >= least - Tolerance);
        }
    }

    [Theory]
    [InlineData("bce")]
    [InlineData("bce_soft")]
    public void SeveralLabels_LossAndGradient_AreTorchs(string name)
    {
        using var document = Document();
        var (wanted, inputs) = (Case(document, name), document.RootElement.GetProperty("inputs"));
        List<RowTarget> targets =
        [
            .. inputs
                .GetProperty(wanted.GetProperty("targets").GetString()!)
                .EnumerateArray()
                .Select(row => new RowTarget([0, 1, 2, 3], Floats(row))),
        ];
        AssertEqual(new ClassificationLoss(ClassificationKind.SeveralLabels, 4), Scores(inputs), targets, wanted);
    }

    [Fact]
    public void Number_Loss_IsTheSquaredDistance()
    {
        using var scope = NewDisposeScope();
        var losses = new ClassificationLoss(ClassificationKind.Number, 0).OfRows(
            tensor(new[] { 1.5f, -2f }, [2, 1]),
            [RowTarget.OfNumber(1), RowTarget.OfNumber(1)]
        );
        Assert.Equal([0.25f, 9f], losses.data<float>().ToArray());
    }

    [Fact]
    public void Balanced_EveryLabelWeighsTheSame()
    {
        RowTarget[] targets = [RowTarget.Of(0), RowTarget.Of(0), RowTarget.Of(0), RowTarget.Of(1)];
        Assert.Equal([4 / (3f * 3), 4 / (3f * 1), 1f], ClassificationLoss.Balanced(targets, 3), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    private static void AssertEqual(ClassificationLoss loss, Tensor scores, List<RowTarget> targets, JsonElement wanted)
    {
        using var scope = NewDisposeScope();
        scores.requires_grad = true;
        var mean = loss.OfRows(scores, targets).sum() / targets.Sum(loss.Count);
        mean.backward();
        Assert.Equal(wanted.GetProperty("loss").GetDouble(), mean.item<float>(), Tolerance);
        var expected = wanted.GetProperty("d_loss_d_logits").EnumerateArray().SelectMany(Floats).ToArray();
        Assert.All(expected.Zip(scores.grad!.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }

    private static Tensor Scores(JsonElement inputs)
    {
        var rows = inputs.GetProperty("logits").EnumerateArray().Select(Floats).ToList();
        return tensor(rows.SelectMany(row => row).ToArray(), [rows.Count, rows[0].Length]);
    }

    private static JsonDocument Document() => JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("gold", "soft_label_losses.json")));

    private static JsonElement Case(JsonDocument document, string name) =>
        document.RootElement.GetProperty("cases").EnumerateArray().Single(entry => entry.GetProperty("case").GetString() == name);

    private static float[] Floats(JsonElement values) => [.. values.EnumerateArray().Select(value => value.GetSingle())];
}
