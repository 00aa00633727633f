using System.Globalization;
using WebTrainer.Domain.Labels;
using WebTrainer.Labeling;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>How far people agree who answered the same items without seeing each other.</summary>
/// <param name="Share">Equal pairs among all pairs of answers, 0 to 1; null without pairs.</param>
/// <param name="Alpha">Krippendorff's α: what is left of it when chance is taken out; null where it is undefined.</param>
/// <param name="AlphaInterval">Its 95 % interval over items.</param>
/// <param name="Items">Items with two answers or more.</param>
/// <param name="Reliability">
/// By person, the chance of giving the label that is most likely true (Dawid and Skene); empty for ratings, where no answer is the true one,
/// and while there are too few items to tell.
/// </param>
public sealed record TaskAgreement(
    double? Share, double? Alpha, (double Low, double High)? AlphaInterval, int Items, IReadOnlyDictionary<string, double> Reliability)
{
    private const int Seed = 1;

    /// <summary>With fewer items a person's reliability would be a guess.</summary>
    private const int MinItemsForReliability = 20;

    /// <summary>What the value means for somebody who has never heard of it.</summary>
    public string Meaning => (Alpha, AlphaInterval) switch
    {
        (null, _) => "There are no two different answers to the same items yet, so agreement beyond chance can't be told.",
        ( >= 0.8, { Low: >= 0.667 }) => "People agree well: the answers can be relied on.",
        ( >= 0.667, _) => "People agree fairly: good enough for tentative use; look at the items they disagree on.",
        ( > 0, _) => "People agree little: make the guidelines clearer before you go on, or have more people answer.",
        _ => "People agree no more than by chance: the question or the guidelines don't work.",
    };

    /// <returns>Null for tasks where agreement means nothing: free text, or one person an item.</returns>
    public static TaskAgreement? Of(LabelTask task, IReadOnlyCollection<(Guid ItemId, string UserId, string Value)> answers)
    {
        if (task.Kind == LabelKind.Rewrite || task.AnswersPerItem == 1)
            return null;
        var items = answers.GroupBy(a => a.ItemId).Where(i => i.Count() > 1).Select(i => i.Key).ToList();
        var given = answers.ToDictionary(a => (a.UserId, a.ItemId), a => a.Value);
        var people = answers.Select(a => a.UserId).Distinct().ToList();
        var table = people.ConvertAll(user => items.ConvertAll(item => given.GetValueOrDefault((user, item))));
        var ratings = task.Kind == LabelKind.Choose ? Ratings.OfLabels(table) : Ratings.OfPoints(table.ConvertAll(r => r.ConvertAll(Points)));
        var level = task.Kind == LabelKind.Choose ? MeasurementLevel.Nominal : MeasurementLevel.Ordinal;
        return new TaskAgreement(
            PercentAgreement.Compute(ratings), KrippendorffAlpha.Compute(ratings, level), KrippendorffAlpha.Interval(ratings, level, Seed), items.Count,
            task.Kind == LabelKind.Choose && items.Count >= MinItemsForReliability ? ReliabilityOf(people, ratings) : new Dictionary<string, double>());
    }

    private static Dictionary<string, double> ReliabilityOf(List<string> people, Ratings ratings)
    {
        var fit = DawidSkene.Fit(ratings);
        return people.Index().ToDictionary(person => person.Item, person => fit.Reliability(person.Index));
    }

    private static double? Points(string? rating) => rating is null ? null : double.Parse(rating, CultureInfo.InvariantCulture);
}
