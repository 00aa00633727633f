using System.Globalization;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Export;

/// <summary>What a classifier's head says of a few texts, to be compared with what it says once it was written and read again.</summary>
internal sealed class ScoreProbe
{
    /// <summary>Both are float32; the sums are made in another order.</summary>
    private const double Tolerance = 1e-3;
    private static readonly string[] s_texts = ["Where is my card?", "The weather in Lisbon is fine.", "1, 2, 3"];

    private readonly ClassifierFile _file;
    private readonly float[][] _scores;

    private ScoreProbe(ClassifierFile file, float[][] scores) => (_file, _scores) = (file, scores);

    /// <param name="model">With the adapter attached that it is tuned by.</param>
    /// <param name="folder">With its tokenizer.</param>
    /// <param name="file">Its labels, and how much of a text it reads.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    public static ScoreProbe Of(SequenceClassifier model, string folder, ClassifierFile file, CancellationToken cancellationToken) =>
        new(file, ScoresOf(model, folder, file, cancellationToken));

    /// <summary>Reads a folder and asks it the same.</summary>
    /// <exception cref="ModelFileException">It can't be read, or scores otherwise; the message names the first difference.</exception>
    public void Require(string folder, Device device, CancellationToken cancellationToken)
    {
        var written = ModelStore.LoadClassifier(
            folder,
            fresh: null,
            ScalarType.Float32,
            ScalarType.Float32,
            device,
            cancellationToken: cancellationToken
        );
        var scores = ScoresOf(written, folder, ClassifierFile.Find(folder) ?? _file, cancellationToken);
        for (var text = 0; text < scores.Length; text++)
        {
            var place = FirstDifference(_scores[text], scores[text]);
            if (place >= 0)
            {
                throw new ModelFileException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The model was written, and read again it is not the one that was trained: score {place + 1} of “{s_texts[text]}” is {scores[text].ElementAtOrDefault(place):0.000}, not {_scores[text].ElementAtOrDefault(place):0.000}. It is not handed out."
                    )
                );
            }
        }
    }

    private static float[][] ScoresOf(SequenceClassifier model, string folder, ClassifierFile file, CancellationToken cancellationToken)
    {
        var tokenizer = TextTokenizer.Load(folder);
        var encoder = new ClassifierEncoder(tokenizer, file.Classifier, file.Input, file.Classifier.Labels!, file.MaximumTokens);
        return ClassifierScores.Of(
            model,
            [.. s_texts.Select(text => encoder.Encode(text, text))],
            tokenizer.PaddingId ?? tokenizer.EndId ?? 0,
            progress: null,
            cancellationToken
        );
    }

    /// <returns>-1 where there is none.</returns>
    private static int FirstDifference(float[] expected, float[] actual)
    {
        for (var place = 0; place < Math.Max(expected.Length, actual.Length); place++)
        {
            if (
                place >= Math.Min(expected.Length, actual.Length)
                || !(Math.Abs(expected[place] - actual[place]) <= Tolerance * (1 + Math.Abs(expected[place])))
            )
            {
                return place;
            }
        }

        return -1;
    }
}
