using WebTrainer.Benchmarks.Drift;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Making;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Scoring.Baselines;
using WebTrainer.Statistics;

namespace WebTrainer.Benchmarks.Making;

/// <summary>Ten rows a label, with and without rows that rules make of them, over several draws of the ten.</summary>
internal sealed class Measure(IReadOnlyList<BankMessage> train, IReadOnlyList<BankMessage> test)
{
    private const int RowsOfLabel = 10,
        RowsOfRareLabel = 3,
        Draws = 3;
    private const double Noise = 0.2;

    private static readonly MakeRecipe s_typing = new() { Method = MakeMethod.TypingErrors, Share = 1 };
    private static readonly MakeRecipe s_swaps = new()
    {
        Method = MakeMethod.SwappedWords,
        Share = 1,
        Pairs =
        [
            new("dollars", "pounds"),
            new("USD", "GBP"),
            new("Visa", "Mastercard"),
            new("today", "yesterday"),
            new("abroad", "overseas"),
            new("phone", "mobile"),
        ],
    };

    private readonly IReadOnlyList<string> _asked = [.. test.Select(message => message.Text)];
    private readonly IReadOnlyList<string> _mistyped = Mistyped(test);

    public async Task PrintAsync()
    {
        Console.WriteLine(
            "| rows to learn from | made | right answers, as written | with made rows − without (95 %) | right answers, mistyped | with − without |"
        );
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        await RowAsync($"{RowsOfLabel} a label", _ => RowsOfLabel, s_typing, "typing errors");
        await RowAsync($"{RowsOfLabel} a label", _ => RowsOfLabel, s_swaps, "swapped words");
        await RowAsync(
            $"{RowsOfLabel} or {RowsOfRareLabel} a label",
            label => label % 2 == 0 ? RowsOfLabel : RowsOfRareLabel,
            s_typing with
            {
                LeastPerLabel = RowsOfLabel,
            },
            "rare labels filled by typing errors"
        );
    }

    private async Task RowAsync(string name, Func<int, int> rowsOf, MakeRecipe recipe, string method)
    {
        var (plain, noisy) = (new double[test.Count], new double[test.Count]);
        var (without, with) = (0.0, 0.0);
        var (noisyWithout, noisyWith) = (0.0, 0.0);
        var made = 0.0;
        for (var draw = 1; draw <= Draws; draw++)
        {
            var real = Sample(rowsOf, draw);
            var all = await MadeAsync(real, recipe with { Seed = draw });
            made += (all.Count - real.Count) / (double)Draws;
            without += Add(plain, Right(real, _asked), -1);
            with += Add(plain, Right(all, _asked), 1);
            noisyWithout += Add(noisy, Right(real, _mistyped), -1);
            noisyWith += Add(noisy, Right(all, _mistyped), 1);
        }

        Console.WriteLine(
            $"| {name} | {made:F0} by {method} | {with / Draws:P1} (without {without / Draws:P1}) | {Difference(plain)} | {noisyWith / Draws:P1} (without {noisyWithout / Draws:P1}) | {Difference(noisy)} |"
        );
    }

    /// <summary>The mean over the draws of each test row's gain, resampled by rows.</summary>
    private static string Difference(double[] gains)
    {
        var interval = Bootstrap.MeanInterval([.. gains.Select(gain => gain / Draws)], seed: 1);
        return $"{gains.Average() / Draws * 100:+0.0;−0.0} ({interval.Low * 100:+0.0;−0.0;0.0} to {interval.High * 100:+0.0;−0.0;0.0}) points";
    }

    private static double Add(double[] gains, bool[] right, int sign)
    {
        for (var i = 0; i < right.Length; i++)
        {
            gains[i] += right[i] ? sign : 0;
        }

        return right.Average(one => one ? 1.0 : 0);
    }

    private bool[] Right(IReadOnlyList<CanonicalRow> rows, IReadOnlyList<string> asked) =>
        [
            .. new LinearBaseline()
                .Answer([.. rows.Select(row => new BaselineRow(row.Prompt, row.Label!))], asked, CancellationToken.None)
                .Zip(test, (said, message) => said == message.Intent),
        ];

    private List<CanonicalRow> Sample(Func<int, int> rowsOf, int draw) =>
        [
            .. SplitMix
                .Of(draw, 1)
                .Permutation(train.Count)
                .Select(i => train[i])
                .GroupBy(message => message.Intent)
                .OrderBy(label => label.Key, StringComparer.Ordinal)
                .SelectMany((label, i) => label.Take(rowsOf(i)))
                .Select(
                    (message, i) =>
                        CanonicalRow.Create($"row{i}", i + 1, null, message.Text, message.Intent, message.Intent, DataSplit.Train)
                ),
        ];

    private static async Task<IReadOnlyList<CanonicalRow>> MadeAsync(List<CanonicalRow> real, MakeRecipe recipe)
    {
        var folder = Directory.CreateTempSubdirectory("making-").FullName;
        try
        {
            var (version, target) = (Path.Combine(folder, "real.parquet"), Path.Combine(folder, "made.parquet"));
            await new VersionWriter(new ImportLimits()).WriteAsync(real.ToAsyncEnumerable(), version);
            await new RowMaker().MakeAsync(version, recipe, target);
            return await new VersionReader(new ImportLimits()).ReadAsync(target).ToListAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<string> Mistyped(IReadOnlyList<BankMessage> messages)
    {
        var random = SplitMix.Of(1, 2);
        var texts = new List<string>();
        foreach (var message in messages)
        {
            texts.Add(TypingErrors.In(message.Text, Noise, ref random));
        }

        return texts;
    }
}
