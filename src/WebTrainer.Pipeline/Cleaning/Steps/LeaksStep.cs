using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Sets aside rows that also stand among those they are judged by, so that evaluations measure what was learned.</summary>
public sealed record LeaksStep : CleanStep
{
    public const int MaxEvaluationSets = 20;

    /// <summary>Training rows that stand in validation or test, and validation rows that stand in test.</summary>
    public bool BetweenSplits { get; init; } = true;

    /// <summary>Ids of versions that rows are judged by elsewhere.</summary>
    public IReadOnlyList<Guid> EvaluationSets { get; init; } = [];

    /// <summary>Words in a row that two texts must have in common; equal prompts always count.</summary>
    public int Words { get; init; } = 13;

    public override string? Fault()
    {
        if (Words is < 3 or > 100) return "Texts overlap by 3 to 100 words in a row.";
        if (EvaluationSets is null || EvaluationSets.Count > MaxEvaluationSets) return $"At most {MaxEvaluationSets} evaluation sets can be compared with.";
        return BetweenSplits || EvaluationSets.Count > 0 ? null : "Choose what to compare with: the splits, or evaluation sets.";
    }

    internal override StepWork Begin(CleanContext context) => new LeakWork(this, context);

    private sealed class LeakWork(LeaksStep step, CleanContext context) : StepWork
    {
        private readonly OverlapIndex _evaluation = new(step.Words);
        private readonly OverlapIndex _test = new(step.Words);
        private readonly OverlapIndex _validation = new(step.Words);

        public override bool LooksFirst => step.BetweenSplits;

        public override async Task PrepareAsync(CancellationToken cancellationToken)
        {
            foreach (var id in step.EvaluationSets)
            {
                if (!context.EvaluationSets.TryGetValue(id, out var path))
                    throw new DataProblemException("An evaluation set that the recipe compares with is not in this project any more.");
                await foreach (var row in new VersionReader(context.Limits).ReadAsync(path, cancellationToken: cancellationToken)) _evaluation.Add(row);
            }
        }

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            if (row.Split == DataSplit.Test) _test.Add(row);
            if (row.Split == DataSplit.Validation) _validation.Add(row);
        }

        public override RowOutcome Apply(int index, CanonicalRow row) => new(row, Reason(row));

        private string? Reason(CanonicalRow row)
        {
            if (!_evaluation.IsEmpty && _evaluation.Overlaps(row)) return "It stands in an evaluation set.";
            if (row.Split is null or DataSplit.Test || !step.BetweenSplits) return null;
            if (!_test.IsEmpty && _test.Overlaps(row)) return "It stands in the test split.";
            return row.Split == DataSplit.Train && !_validation.IsEmpty && _validation.Overlaps(row) ? "It stands in the validation split." : null;
        }
    }
}
