using WebTrainer.Learning.Checkpoints;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Tests;

/// <summary>A checkpoint goes on under the same course, also after the program has learned new settings.</summary>
public sealed class CourseTests
{
    private static readonly TrainingSettings s_training = new() { Epochs = 3, ContextTokens = 64 };

    [Fact]
    public void SettingThatCameLater_HadItsDefault() =>
        Of(s_training).RefuseAnother(Without(s_training, "training.promptDropout", "training.patience"));

    [Fact]
    public void SettingThatCameLater_AndIsNoDefault_IsRefusedByName()
    {
        var refusal = Assert.Throws<InvalidDataException>(() =>
            Of(s_training with { PromptDropout = 0.5 }).RefuseAnother(Without(s_training, "training.promptDropout"))
        );
        Assert.Contains("training.promptDropout was 0 and is 0.5", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(';', refusal.Message);
    }

    [Fact]
    public void SettingThatIsNoMore_IsRefusedByName()
    {
        var earlier = new Dictionary<string, string>(Of(s_training).Values) { ["training.forgotten"] = "2" };
        Assert.Contains(
            "training.forgotten was 2 and is not set",
            Assert.Throws<InvalidDataException>(() => Of(s_training).RefuseAnother(earlier)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(9, 7, 5)]
    [InlineData(0, 0, 0)]
    public void SamplesAndIntervals_ArePartOfNoCourse(int samples, int validate, int checkpoint)
    {
        var other = s_training with { Samples = samples, ValidateEverySteps = validate, CheckpointEverySteps = checkpoint };
        Of(other).RefuseAnother(Of(s_training).Values);
        // As they were kept by checkpoints of before.
        Of(other)
            .RefuseAnother(
                new Dictionary<string, string>(Of(s_training).Values)
                {
                    ["training.samples"] = "3",
                    ["training.checkpointEverySteps"] = "100",
                }
            );
    }

    private static Course Of(TrainingSettings training) => new Course().With("seed", "42").With("training", training);

    private static Dictionary<string, string> Without(TrainingSettings training, params string[] names) =>
        Of(training).Values.Where(value => !names.Contains(value.Key)).ToDictionary();
}
