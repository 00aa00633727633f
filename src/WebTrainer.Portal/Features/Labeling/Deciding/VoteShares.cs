using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>
/// How probable each label of an item is by all who answered it: what a classifier learns from where people saw it differently.
/// </summary>
internal static class VoteShares
{
    /// <summary>The question whose answer becomes a row's label; null where the task has none.</summary>
    public static Question? LabelOf(LabelTask task) => task.Find(QuestionKind.Choose) ?? task.Find(QuestionKind.YesNo);

    /// <summary>
    /// By item with two answers or more: what is most likely true by how reliable its people are, or the shares of votes while there are
    /// too few items to tell how reliable somebody is (<see cref="TaskAgreement.Posteriors"/>).
    /// </summary>
    public static IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, double>> Of(LabelTask task, IReadOnlyCollection<GivenSheet> sheets)
    {
        if (LabelOf(task) is not { } question)
        {
            return new Dictionary<Guid, IReadOnlyDictionary<string, double>>();
        }

        var posteriors = TaskAgreement.Posteriors(question, sheets);
        return sheets
            .Select(sheet => (sheet.ItemId, Label: QuestionForm.Read(sheet.Values).GetValueOrDefault(question.Key)))
            .Where(vote => vote.Label is not null)
            .GroupBy(vote => vote.ItemId, vote => vote.Label!)
            .Where(votes => votes.Count() > 1)
            .ToDictionary(votes => votes.Key, votes => posteriors.GetValueOrDefault(votes.Key) ?? Shares([.. votes]));
    }

    /// <summary>The row with the probabilities of its labels, or without those that it had: they spoke of the label before.</summary>
    /// <param name="shares">Null, or with another label as likely, where the decision stands above the votes: a reviewer's word is
    /// sure.</param>
    public static CanonicalRow Write(CanonicalRow row, string label, IReadOnlyDictionary<string, double>? shares)
    {
        var extra = new Dictionary<string, string>(row.Extra);
        extra.Remove(ClassifierColumns.LabelShares);
        if (shares is not null && shares.All(share => share.Key == label || share.Value < shares.GetValueOrDefault(label)))
        {
            extra[ClassifierColumns.LabelShares] = ClassifierColumns.Write(shares);
        }

        return row with
        {
            Extra = extra,
        };
    }

    private static Dictionary<string, double> Shares(List<string> votes) =>
        votes.CountBy(label => label).ToDictionary(count => count.Key, count => (double)count.Value / votes.Count);
}
