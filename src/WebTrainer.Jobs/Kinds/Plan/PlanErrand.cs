using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Kinds.Plan;

/// <summary>What a run would do and take, before anybody approves it.</summary>
/// <param name="ProjectId">Each project makes one plan at a time, so that what one asks for never stands before what another does.</param>
public sealed record PlanErrand(Guid ProjectId, TrainSpec Training) : Errand<RunPlan>(new PlanSpec(Training))
{
    private static readonly ErrandPlaces s_places = new(options => options.ConcurrentPlans);

    internal override string Advice => "Plan with fewer rows or a shorter context.";

    internal override ErrandPlaces Places => s_places;

    internal override object Turn => ProjectId;

    internal override TimeSpan Limit(JobsOptions options) => options.PlanTimeout;

    internal override string ResultIn(RunFolder folder) => folder.Plan;
}
