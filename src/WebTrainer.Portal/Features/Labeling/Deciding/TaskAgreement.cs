using System.Globalization;
using System.Text.Json;
using WebTrainer.Domain.Labels;
using WebTrainer.Labeling;
using Marked = WebTrainer.Labeling.MarkedText;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>One person's answers to one item.</summary>
/// <param name="TextLength">Characters of the text that could be marked; 0 where the task has no marks.</param>
public sealed record GivenSheet(Guid ItemId, string UserId, string Values, int TextLength = 0);

public sealed record LabelAgreement(string Label, double? Share);

public sealed record PeopleAgreement(string First, string Second, int Items, double Share, double? Kappa);

/// <summary>How far people agree on one question, having answered without seeing each other.</summary>
/// <param name="Share">Equal pairs among all pairs of answers, 0 to 1; for marks the mean F1 of pairs, for rankings the mean share of pairs
/// in the same order.</param>
/// <param name="Alpha">Krippendorff's α: what is left when chance is taken out; of marks over characters, of rankings over ranks. Null
/// where it is undefined.</param>
/// <param name="AlphaInterval">Its 95 % interval over items.</param>
/// <param name="Kappa">Cohen's κ of two people, Fleiss' of more; null where it is undefined or the items have different numbers of
/// answers.</param>
/// <param name="Items">Items with two answers or more.</param>
/// <param name="Confusion">Ordered pairs of answers, by the labels' order.</param>
/// <param name="Reliability">By pseudonym, the chance of giving what is most likely true (Dawid and Skene); empty for scales and while
/// there is too little to tell.</param>
public sealed record QuestionAgreement(
    string Key,
    string Text,
    QuestionKind Kind,
    double? Share,
    double? Alpha,
    (double Low, double High)? AlphaInterval,
    double? Kappa,
    int Items,
    IReadOnlyList<LabelAgreement> Labels,
    IReadOnlyList<PeopleAgreement> Pairs,
    IReadOnlyList<IReadOnlyList<int>> Confusion,
    IReadOnlyDictionary<string, double> Reliability
)
{
    private const int MinItems = 20;

    /// <summary>What the value means for somebody who has never heard of it.</summary>
    public string Meaning =>
        (Kind, Alpha, AlphaInterval) switch
        {
            (_, null, _) => "There are no two different answers to the same items yet, so agreement beyond chance can't be told.",
            _ when Items < MinItems => $"{Items} items are too few to tell; from {MinItems} on this says something.",
            (_, >= 0.8, { Low: >= 0.667 }) => "People agree well: the answers can be relied on.",
            (_, >= 0.667, _) => "People agree fairly: good enough for tentative use; look at the items they disagree on.",
            (_, > 0, _) => "People agree little: make the guidelines clearer before you go on, or have more people answer.",
            _ => "People agree no more than by chance: the question or the guidelines don't work.",
        };
}

/// <summary>Agreement of a task, question by question.</summary>
public static class TaskAgreement
{
    private const int Seed = 1;

    /// <summary>With fewer items a person's reliability would be a guess.</summary>
    private const int MinItemsForReliability = 20;
    private const int ReliabilityRounds = 20;
    private const double ReliabilityTolerance = 1e-3;

    /// <returns>The questions on which agreement means something: neither free text, nor with one answer each.</returns>
    public static IReadOnlyList<QuestionAgreement> Of(
        LabelTask task,
        IReadOnlyCollection<GivenSheet> sheets,
        IReadOnlyDictionary<string, string> pseudonyms
    )
    {
        var people = sheets.Select(s => s.UserId).Distinct().Order(StringComparer.Ordinal).ToList();
        var raters = people.Index().ToDictionary(p => p.Item, p => p.Index);
        var items = new Dictionary<Guid, int>();
        var known = new KnownSheets();
        var read = sheets.Select(s => (Item: Number(items, s.ItemId), Rater: raters[s.UserId], Values: known.Read(s.Values))).ToList();
        var names = people.ConvertAll(p => pseudonyms[p]);
        var lengths = new int[items.Count];
        foreach (var sheet in sheets)
        {
            lengths[items[sheet.ItemId]] = sheet.TextLength;
        }

        var found = new List<QuestionAgreement>();
        foreach (var question in task.Questions)
        {
            var given = read.Where(s => s.Values.ContainsKey(question.Key))
                .Select(s => (s.Item, s.Rater, Value: s.Values[question.Key]))
                .ToList();
            if (given.Count > given.DistinctBy(g => g.Item).Count() && Of(question, given, items.Count, names, lengths) is { } agreement)
            {
                found.Add(agreement);
            }
        }

        return found;
    }

    /// <summary>
    /// What is most likely true of each item, by how people answered all the others, for one question of labels. Empty where the question
    /// has none, and while there are too few items to tell how often who is right: a tie is a tie then.
    /// </summary>
    public static IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, double>> Posteriors(
        Question question,
        IReadOnlyCollection<GivenSheet> sheets
    )
    {
        var raters = sheets.Select(s => s.UserId).Distinct().Index().ToDictionary(p => p.Item, p => p.Index);
        var items = new Dictionary<Guid, int>();
        var known = new KnownSheets();
        var votes = sheets
            .Select(s => (s, Values: known.Read(s.Values)))
            .Where(s => s.Values.ContainsKey(question.Key))
            .Select(s => (Number(items, s.s.ItemId), raters[s.s.UserId], s.Values[question.Key]))
            .ToList();
        if (!IsNominal(question.Kind) || votes.Count == 0)
        {
            return new Dictionary<Guid, IReadOnlyDictionary<string, double>>();
        }

        var ratings = Ratings.OfLabels(votes, items.Count, raters.Count);
        if (RatedTwice(ratings) < MinItemsForReliability)
        {
            return new Dictionary<Guid, IReadOnlyDictionary<string, double>>();
        }

        var chances = DawidSkene.HeldOutPosteriors(ratings, ReliabilityRounds, ReliabilityTolerance);
        return items.ToDictionary(
            i => i.Key,
            i => (IReadOnlyDictionary<string, double>)ratings.Names.Index().ToDictionary(n => n.Item, n => chances[i.Value][n.Index])
        );
    }

    private static bool IsNominal(QuestionKind kind) =>
        kind is QuestionKind.Choose or QuestionKind.YesNo or QuestionKind.BestOfTwo or QuestionKind.ChooseMany;

    private static QuestionAgreement? Of(
        Question question,
        List<(int Item, int Rater, string Value)> given,
        int items,
        List<string> names,
        int[] lengths
    ) =>
        question.Kind switch
        {
            QuestionKind.Rate => OfRatings(
                question,
                Ratings.OfPoints(given.Select(g => (g.Item, g.Rater, Points(g.Value))), items, names.Count),
                MeasurementLevel.Ordinal,
                names
            ),
            QuestionKind.TurnRatings => OfRatings(question, TurnRatings(given, names.Count), MeasurementLevel.Ordinal, names),
            QuestionKind.Spans => Compared(
                question,
                given,
                (one, other) => SpanF1.Compute(Marks(one), Marks(other)),
                byItem =>
                    SpanAlpha.Compute([.. byItem.Select(item => new Marked(lengths[item.Item], [.. item.Values.Select(Marks)]))], Seed)
            ),
            QuestionKind.Links => Compared(question, given, LinksInCommon, _ => new(null, null)),
            QuestionKind.Rank => Compared(
                question,
                given,
                (one, other) => Concordance.Compute(Order(one), Order(other)),
                byItem => RankAlpha.Compute([.. byItem.Select(item => item.Values.ConvertAll(v => (IReadOnlyList<string>)Order(v)))], Seed)
            ),
            QuestionKind.Text or QuestionKind.Rewrite => null,
            _ => OfRatings(
                question,
                Ratings.OfLabels(given.Select(g => (g.Item, g.Rater, g.Value)), items, names.Count),
                MeasurementLevel.Nominal,
                names
            ),
        };

    private static QuestionAgreement OfRatings(Question question, Ratings ratings, MeasurementLevel level, List<string> names)
    {
        var rated = RatedTwice(ratings);
        var reliability =
            level == MeasurementLevel.Nominal && rated >= MinItemsForReliability
                ? Task.Run(() => Reliability(ratings, names)) // the longest of the figures, beside the others
                : Task.FromResult(new Dictionary<string, double>());
        var details = AgreementDetails.Of(ratings);
        return new QuestionAgreement(
            question.Key,
            question.Text,
            question.Kind,
            PercentAgreement.Compute(ratings),
            KrippendorffAlpha.Compute(ratings, level),
            KrippendorffAlpha.Interval(ratings, level, Seed),
            Kappa(ratings, details),
            rated,
            [.. ratings.Names.Index().Select(n => new LabelAgreement(AnswerWords.Answer(question, n.Item), details.ByCategory[n.Index]))],
            [.. details.Pairs.Select(p => new PeopleAgreement(names[p.First], names[p.Second], p.Items, p.Share, p.Kappa))],
            details.Confusion,
            reliability.GetAwaiter().GetResult()
        );
    }

    private static int RatedTwice(Ratings ratings) => Enumerable.Range(0, ratings.Items).Count(i => ratings.AnswersTo(i) > 1);

    private static double? Kappa(Ratings ratings, AgreementDetails details)
    {
        if (ratings.Raters == 2)
        {
            return details.Pairs.Count == 1 ? details.Pairs[0].Kappa : null;
        }

        var counts = Enumerable.Range(0, ratings.Items).Select(ratings.AnswersTo).Distinct().ToList();
        return counts is [> 1] ? FleissKappa.Compute(ratings) : null;
    }

    private static Dictionary<string, double> Reliability(Ratings ratings, List<string> names)
    {
        var fit = DawidSkene.Fit(ratings, ReliabilityRounds, ReliabilityTolerance);
        return names.Index().ToDictionary(n => n.Item, n => fit.Reliability(n.Index));
    }

    private static Ratings TurnRatings(List<(int Item, int Rater, string Value)> given, int raters)
    {
        var turns = new Dictionary<(int, int), int>();
        var votes = given
            .SelectMany(g =>
                JsonSerializer.Deserialize<int[]>(g.Value)!.Index().Select(t => (Number(turns, (g.Item, t.Index)), g.Rater, (double)t.Item))
            )
            .ToList();
        return Ratings.OfPoints(votes, turns.Count, raters);
    }

    private static QuestionAgreement Compared(
        Question question,
        List<(int Item, int Rater, string Value)> given,
        Func<string, string, double> alike,
        Func<List<(int Item, List<string> Values)>, AlphaEstimate> beyondChance
    )
    {
        var byItem = given
            .GroupBy(g => g.Item)
            .Select(g => (Item: g.Key, Values: g.Select(a => a.Value).ToList()))
            .Where(item => item.Values.Count > 1)
            .ToList();
        var shares = byItem.SelectMany(item =>
            item.Values.SelectMany((one, place) => item.Values.Skip(place + 1).Select(other => alike(one, other)))
        );
        var (alpha, interval) = beyondChance(byItem);
        return new QuestionAgreement(
            question.Key,
            question.Text,
            question.Kind,
            shares.Average(),
            alpha,
            interval,
            null,
            byItem.Count,
            [],
            [],
            [],
            new Dictionary<string, double>()
        );
    }

    private static IReadOnlyList<Mark> Marks(string value) =>
        [.. JsonSerializer.Deserialize<SpanMark[]>(value, JsonSerializerOptions.Web)!.Select(s => new Mark(s.Start, s.End, s.Label))];

    /// <summary>F1 of equal links, 2 |A ∩ B| / (|A| + |B|); 1 where neither has any.</summary>
    private static double LinksInCommon(string one, string other)
    {
        var (first, second) = (Links(one), Links(other));
        return first.Length + second.Length == 0 ? 1 : 2.0 * first.Intersect(second).Count() / (first.Length + second.Length);
    }

    private static SpanLink[] Links(string value) => JsonSerializer.Deserialize<SpanLink[]>(value, JsonSerializerOptions.Web)!;

    private static string[] Order(string value) => JsonSerializer.Deserialize<string[]>(value)!;

    private static int Number<T>(Dictionary<T, int> numbers, T thing)
        where T : notnull
    {
        if (!numbers.TryGetValue(thing, out var number))
        {
            numbers[thing] = number = numbers.Count;
        }

        return number;
    }

    private static double Points(string rating) => double.Parse(rating, CultureInfo.InvariantCulture);

    /// <summary>Sheets as they were read before: with a few labels, a hundred thousand sheets say a handful of things.</summary>
    private sealed class KnownSheets
    {
        private const int Most = 10_000;
        private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _known = new(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, string> Read(string sheet)
        {
            if (_known.TryGetValue(sheet, out var values))
            {
                return values;
            }

            values = QuestionForm.Read(sheet);
            if (_known.Count < Most)
            {
                _known[sheet] = values;
            }

            return values;
        }
    }
}
