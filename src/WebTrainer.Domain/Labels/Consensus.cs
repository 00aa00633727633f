namespace WebTrainer.Domain.Labels;

/// <summary>What enough people said.</summary>
public static class Consensus
{
    /// <returns>
    /// The sheet of most frequent answers, where each question that was answered has the same answer from the share that the rules ask for;
    /// null where people disagree. Texts, rewrites and remarks that are not required count for no disagreement and are left to the
    /// adjudicator or out.
    /// </returns>
    public static string? Of(LabelTask task, IReadOnlyList<IReadOnlyDictionary<string, string>> sheets)
    {
        var agreed = new Dictionary<string, string>();
        foreach (var question in task.Questions)
        {
            var given = sheets.Where(s => s.ContainsKey(question.Key)).Select(s => s[question.Key]).ToList();
            if (given.Count == 0 || question is { Kind: QuestionKind.Text, Required: false })
            {
                continue;
            }

            var most = given.CountBy(v => v).MaxBy(v => v.Value);
            // Two thirds of three must be two, whatever floating point makes of it.
            if (most.Value < (task.Rules.AgreedShare * sheets.Count) - 1e-9 && question.Required)
            {
                return null;
            }

            if (most.Value * 2 > sheets.Count)
            {
                agreed[question.Key] = most.Key;
            }
        }

        return agreed.Count > 0 ? QuestionForm.Write(agreed) : null;
    }
}
