using System.Globalization;
using WebTrainer.Domain.Labels;
using WebTrainer.Labeling;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>How far people agree who answered the same items without seeing each other.</summary>
/// <param name="Share">Equal pairs among all pairs of answers, 0 to 1; null without pairs.</param>
/// <param name="Alpha">Krippendorff's α: what is left of it when chance is taken out; null where it is undefined.</param>
/// <param name="Items">Items with two answers or more.</param>
public sealed record TaskAgreement(double? Share, double? Alpha, int Items)
{
    /// <returns>Null for tasks where agreement means nothing: free text, or one person an item.</returns>
    public static TaskAgreement? Of(LabelTask task, IReadOnlyCollection<(Guid ItemId, string UserId, string Value)> answers)
    {
        if (task.Kind == LabelKind.Rewrite || task.AnswersPerItem == 1)
            return null;
        var items = answers.GroupBy(a => a.ItemId).Where(i => i.Count() > 1).Select(i => i.Key).ToList();
        var given = answers.ToDictionary(a => (a.UserId, a.ItemId), a => a.Value);
        var table = answers.Select(a => a.UserId).Distinct()
            .Select(user => items.ConvertAll(item => given.GetValueOrDefault((user, item)))).ToList();
        var ratings = task.Kind == LabelKind.Choose ? Ratings.OfLabels(table) : Ratings.OfPoints(table.ConvertAll(r => r.ConvertAll(Points)));
        var level = task.Kind == LabelKind.Choose ? MeasurementLevel.Nominal : MeasurementLevel.Ordinal;
        return new TaskAgreement(PercentAgreement.Compute(ratings), KrippendorffAlpha.Compute(ratings, level), items.Count);
    }

    private static double? Points(string? rating) => rating is null ? null : double.Parse(rating, CultureInfo.InvariantCulture);
}
