using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>What is done about a row that leaks.</summary>
public enum LeakAction
{
    /// <summary>The whole row goes.</summary>
    SetAside,

    /// <summary>
    /// Cuts the overlap and what stands around it out of long texts, as the Language Model Evaluation Harness does; a row of which nothing
    /// is left is set aside.
    /// </summary>
    CutOut,
}

/// <summary>Sets aside rows that also stand among those they are judged by, so that evaluations measure what was learned.</summary>
public sealed record LeaksStep : CleanStep
{
    /// <summary>Versions that one step compares with, at most: each is read whole before the first row is judged.</summary>
    public const int MaxEvaluationSets = 20;

    /// <summary>Rows that stand in test, and training rows whose prompt stands in validation.</summary>
    public bool BetweenSplits { get; init; } = true;

    /// <summary>Ids of versions that rows are judged by elsewhere.</summary>
    public IReadOnlyList<Guid> EvaluationSets { get; init; } = [];

    /// <summary>Words in a row that two texts must have in common; equal prompts always count.</summary>
    public int Words { get; init; } = 13;

    /// <summary>What is done about a row that leaks. Rows of the test split are only judged against evaluation sets.</summary>
    public LeakAction Action { get; init; }

    /// <inheritdoc/>
    public override string? Fault()
    {
        if (Words is < 3 or > 100)
        {
            return "Texts overlap by 3 to 100 words in a row.";
        }

        if (EvaluationSets is null || EvaluationSets.Count > MaxEvaluationSets)
        {
            return $"At most {MaxEvaluationSets} evaluation sets can be compared with.";
        }

        return BetweenSplits || EvaluationSets.Count > 0 ? null : "Choose what to compare with: the splits, or evaluation sets.";
    }

    internal override StepWork Begin(CleanContext context) => new LeakWork(this, context);

    private sealed class LeakWork(LeaksStep step, CleanContext context) : StepWork
    {
        private readonly OverlapIndex _evaluation = new(step.Words);
        private readonly OverlapIndex _test = new(step.Words);
        private readonly OverlapIndex _validation = new(step.Words);

        private readonly Decontaminator _cutter = new(step.Words);

        public override int Looks => step.BetweenSplits ? 1 : 0;

        public override async Task PrepareAsync(CancellationToken cancellationToken)
        {
            foreach (var id in step.EvaluationSets)
            {
                if (!context.Sources.EvaluationSets.TryGetValue(id, out var path))
                {
                    throw new DataProblemException("An evaluation set that the recipe compares with is not in this project any more.");
                }

                await foreach (var row in new VersionReader(context.Limits).ReadAsync(path, cancellationToken: cancellationToken))
                {
                    Judge(_evaluation, row);
                }
            }
        }

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            if (row.Split == DataSplit.Test)
            {
                Judge(_test, row);
            }

            if (row.Split == DataSplit.Validation)
            {
                Judge(_validation, row);
            }
        }

        public override RowOutcome Apply(int index, CanonicalRow row)
        {
            if (Reason(row) is not { } reason)
            {
                return new(row);
            }

            if (step.Action == LeakAction.SetAside)
            {
                return new(row, reason);
            }

            var cut = RowTexts.Map(row, text => _cutter.Overlaps(text) == 0 ? text : string.Join('\n', _cutter.Clean(text)));
            // Where nothing could be cut, as where only the prompts are equal, the row itself is the leak.
            return ReferenceEquals(cut, row) ? new(row, reason) : new(cut);
        }

        private void Judge(OverlapIndex index, CanonicalRow row)
        {
            index.Add(row);
            if (step.Action == LeakAction.SetAside)
            {
                return;
            }

            lock (_cutter)
            {
                _cutter.Register(row.Prompt);
                _cutter.Register(row.Response ?? "");
            }
        }

        private string? Reason(CanonicalRow row)
        {
            if (!_evaluation.IsEmpty && _evaluation.Overlaps(row))
            {
                return "It stands in an evaluation set.";
            }

            if (row.Split is null or DataSplit.Test || !step.BetweenSplits)
            {
                return null;
            }

            if (!_test.IsEmpty && _test.Overlaps(row))
            {
                return "It stands in the test split.";
            }

            return row.Split == DataSplit.Train && !_validation.IsEmpty && _validation.HasPrompt(row)
                ? "It stands in the validation split."
                : null;
        }
    }
}
