namespace WebTrainer.Portal.Components.Shared;

/// <summary>What to do next, by a stated rule on facts of what is shown.</summary>
/// <param name="What">What to do: "Run it again with 12 epochs".</param>
/// <param name="Why">The facts that say so: "The validation loss still fell by 4 % over the last quarter."</param>
/// <param name="Address">Where it is done; null where it is done outside of the portal.</param>
public sealed record NextStep(string What, string Why, string? Address = null);
