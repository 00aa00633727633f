using System.Globalization;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

/// <summary>
/// Duplicates planted among rows that are none: equal but for case and spaces, with typing errors, with their words in another order, and
/// in other words (pairs of STS-B that all judges scored 5). What each layer finds of them stands in docs/duplicates.md.
/// </summary>
[Trait("Category", "Slow")]
public sealed class PlantedDuplicateTests(ITestOutputHelper output) : IDisposable
{
    private const int OfEachKind = 200,
        Others = 2_000;
    private readonly TemporaryFolder _folder = new();

    private enum Kind
    {
        Exact,
        Typing,
        Order,
        OtherWords,
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EachLayer_FindsWhatItIsFor()
    {
        var (rows, planted) = await PlantAsync();
        var layers = new (string Name, CleanStep[] Steps)[]
        {
            ("exact", [new ExactDuplicatesStep()]),
            ("near, 0.7", [new NearDuplicatesStep { Threshold = 0.7 }]),
            ("near, 0.5", [new NearDuplicatesStep { Threshold = 0.5 }]),
            ("near by letters, 0.7", [new NearDuplicatesStep { Threshold = 0.7, Sequences = NearBy.Letters }]),
            ("near by letters, 0.5", [new NearDuplicatesStep { Threshold = 0.5, Sequences = NearBy.Letters }]),
            ("other words, 0.95", [new SemanticDuplicatesStep { Threshold = 0.95 }]),
            ("other words, 0.9", [new SemanticDuplicatesStep { Threshold = 0.9 }]),
            ("other words, 0.8", [new SemanticDuplicatesStep { Threshold = 0.8 }]),
            (
                "exact, near by letters 0.5, other words 0.9",
                [
                    new ExactDuplicatesStep(),
                    new NearDuplicatesStep { Threshold = 0.5, Sequences = NearBy.Letters },
                    new SemanticDuplicatesStep { Threshold = 0.9 },
                ]
            ),
            ("all three, usual settings", [new ExactDuplicatesStep(), new NearDuplicatesStep(), new SemanticDuplicatesStep()]),
        };
        var found = new Dictionary<string, Dictionary<Kind, double>>();
        output.WriteLine("| layer | set aside | precision | exact | typing | order | other words |");
        foreach (var (name, steps) in layers)
        {
            var aside = await AsideAsync(steps, rows);
            // Right: it stands for a row of its own pair, or of what repeats that.
            var right = aside
                .Where(a => planted.TryGetValue(a.Id, out var pair) && planted.GetValueOrDefault(a.TwinId!).Group == pair.Group)
                .ToList();
            var recall = Enum.GetValues<Kind>()
                .ToDictionary(
                    k => k,
                    k =>
                        (double)right.Select(a => planted[a.Id]).Where(p => p.Kind == k).Select(p => p.Group).Distinct().Count()
                        / OfEachKind
                );
            found[name] = recall;
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {aside.Count} | {(aside.Count == 0 ? 0 : (double)right.Count / aside.Count):0.000} | {string.Join(" | ", recall.Values.Select(r => r.ToString("0.000", CultureInfo.InvariantCulture)))} |"
                )
            );
            if (name is "exact" or "near, 0.7")
            {
                Assert.True(right.Count >= 0.95 * aside.Count, name);
            }
        }

        Assert.Equal((1.0, 0.0), (found["exact"][Kind.Exact], found["exact"][Kind.OtherWords]));
        Assert.True(found["near, 0.5"][Kind.Typing] > found["exact"][Kind.Typing]);
        Assert.True(found["near by letters, 0.5"][Kind.Typing] > 0.9);
        Assert.True(found["other words, 0.9"][Kind.Order] > 0.9);
        Assert.True(found["other words, 0.8"][Kind.OtherWords] > found["near, 0.5"][Kind.OtherWords]);
        Assert.All(
            Enum.GetValues<Kind>(),
            kind => Assert.True(found["all three, usual settings"][kind] >= found["other words, 0.95"][kind] - 0.02)
        );
    }

    private async Task<IReadOnlyList<SetAsideRow>> AsideAsync(CleanStep[] steps, IReadOnlyList<CanonicalRow> rows)
    {
        var version = await _folder.WriteAsync(rows, Guid.NewGuid().ToString("N"));
        var report = await new Cleaner().ApplyAsync(
            version.Path,
            new CleanRecipe { Steps = [.. steps.Select(ByPrompt)] },
            _folder.At(Guid.NewGuid().ToString("N")),
            cancellationToken: TestContext.Current.CancellationToken
        );
        return report.SetAsidePath is null ? [] : await new SetAsideReader().AllAsync(report.SetAsidePath);
    }

    private static CleanStep ByPrompt(CleanStep step) =>
        step switch
        {
            ExactDuplicatesStep s => s with { By = DuplicateBy.Prompt },
            NearDuplicatesStep s => s with { By = DuplicateBy.Prompt },
            SemanticDuplicatesStep s => s with { By = DuplicateBy.Prompt },
            _ => step,
        };

    /// <summary>Rows in a shuffled order, and of the planted ones, by id, to which pair they belong.</summary>
    private static async Task<(IReadOnlyList<CanonicalRow> Rows, Dictionary<string, (Kind Kind, int Group)> Planted)> PlantAsync()
    {
        var random = new Random(11);
        var pairs = await PairsAsync();
        // No sentence is taken twice, whatever its case and spaces: captions of the corpus come again and again.
        var used = new HashSet<string>(StringComparer.Ordinal);
        var same = pairs
            .Where(p =>
                p.Score == 5
                && Key(p.First) != Key(p.Second)
                && !used.Contains(Key(p.First))
                && !used.Contains(Key(p.Second))
                && used.Add(Key(p.First))
                && used.Add(Key(p.Second))
            )
            .ToList();
        var singles = pairs.Where(p => p.Score < 2).Select(p => p.First).Where(s => s.Split(' ').Length >= 6 && used.Add(Key(s))).ToList();
        Shuffle(same, random);
        Shuffle(singles, random);
        var texts = new List<(string Text, Kind? Kind, int Group)>();
        for (var i = 0; i < OfEachKind; i++)
        {
            Plant(Kind.Exact, singles[i], "  " + singles[i].ToUpperInvariant().Replace(" ", "  ", StringComparison.Ordinal));
            Plant(Kind.Typing, singles[OfEachKind + i], Mistyped(singles[OfEachKind + i], random));
            Plant(Kind.Order, singles[(2 * OfEachKind) + i], Reordered(singles[(2 * OfEachKind) + i]));
            Plant(Kind.OtherWords, same[i].First, same[i].Second);
        }

        texts.AddRange(singles.Skip(3 * OfEachKind).Take(Others).Select(s => (s, (Kind?)null, -1)));
        Shuffle(texts, random);
        var planted = texts
            .Index()
            .Where(t => t.Item.Kind is not null)
            .ToDictionary(t => Generated.Id(t.Index), t => (t.Item.Kind!.Value, t.Item.Group));
        return ([.. texts.Select((t, i) => CanonicalRow.Create(Generated.Id(i), i + 1, system: null, t.Text, "yes"))], planted);

        void Plant(Kind kind, string first, string second)
        {
            var group = texts.Count;
            texts.Add((first, kind, group));
            texts.Add((second, kind, group));
        }
    }

    /// <summary>Two letters changed places, as when typing fast, in one word of ten, and in one at least.</summary>
    private static string Mistyped(string text, Random random)
    {
        var words = text.Split(' ');
        foreach (var _ in Enumerable.Range(0, Math.Max(1, words.Length / 10)))
        {
            var at = Array.FindIndex(words, random.Next(words.Length / 2), w => w.Length > 4);
            if (at < 0)
            {
                continue;
            }

            var letters = words[at].ToCharArray();
            (letters[1], letters[2]) = (letters[2], letters[1]);
            words[at] = new string(letters);
        }

        return string.Join(' ', words) + (words.SequenceEqual(text.Split(' ')) ? "s" : "");
    }

    /// <summary>The second half before the first.</summary>
    private static string Reordered(string text)
    {
        var words = text.TrimEnd('.').Split(' ');
        return string.Join(' ', words[(words.Length / 2)..].Concat(words[..(words.Length / 2)]));
    }

    private static string Key(string text) =>
        string.Join(' ', text.ToUpperInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static void Shuffle<T>(List<T> items, Random random)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static async Task<List<(string First, string Second, double Score)>> PairsAsync()
    {
        var file = RealData.File("stsb_en", "stsb-en-train.csv");
        var pairs = new List<(string, string, double)>();
        using var csv = CsvHelper.CsvReader.Create(
            new StringReader(await File.ReadAllTextAsync(file.Path, TestContext.Current.CancellationToken)),
            CsvHelper.CsvReaderOptions.Default with
            {
                HasHeader = false,
            },
            leaveOpen: false
        );
        while (csv.Read())
        {
            pairs.Add((csv.GetString(0), csv.GetString(1), double.Parse(csv.GetString(2), CultureInfo.InvariantCulture)));
        }

        return pairs;
    }
}
