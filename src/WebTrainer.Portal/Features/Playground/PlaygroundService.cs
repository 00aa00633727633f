using System.Runtime.CompilerServices;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments.Routing;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Playground;

/// <summary>What can be asked by hand.</summary>
/// <param name="WorkerName">Of the run or base itself.</param>
/// <param name="IsEndpoint">It answers by the settings of an endpoint's live version, and its answers can be called good or bad.</param>
public sealed record Askable(string Name, string WorkerName, bool IsEndpoint);

/// <summary>Tries models by hand: those of the project, and its endpoints as their callers get them.</summary>
public sealed class PlaygroundService(Authorizer authorizer, RightsWatch rights, LiveRoutes routes, Asking asking, FeedbackService feedback)
{
    public const int MaxPromptLength = 20_000;

    /// <summary>People reach runs and bases by their names; keys of programs do not.</summary>
    private static readonly KeyBounds s_all = new() { ReachesRuns = true };

    public async Task<IReadOnlyList<Askable>> ModelsAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.UseModels, cancellationToken);
        var targets = await routes.ListAsync(projectId, s_all, cancellationToken);
        return
        [
            .. targets
                .OrderBy(t => t.Deployment is not null)
                .Select(t => new Askable(t.Name, t.Model.WorkerName, t.Deployment is not null)),
        ];
    }

    /// <summary>The name of a new request, by which something is said of its answer.</summary>
    public static string NewRequestId() => "chatcmpl-" + Guid.CreateVersion7().ToString("N");

    /// <summary>Streams one model's answer.</summary>
    /// <param name="requestId">From <see cref="NewRequestId"/>.</param>
    /// <param name="maxNewTokens">Where an endpoint says nothing of its own.</param>
    /// <param name="temperature">Likewise.</param>
    public async IAsyncEnumerable<GenerateChunk> AskAsync(
        Caller caller,
        Guid projectId,
        string requestId,
        string name,
        string prompt,
        int maxNewTokens,
        double temperature,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrWhiteSpace(prompt) || prompt.Length > MaxPromptLength)
        {
            throw new RuleViolationException($"Write a message of 1 to {MaxPromptLength} characters.");
        }

        using var right = rights.Hold(caller, projectId, Permission.UseModels);
        if ((await ModelsAsync(caller, projectId, cancellationToken)).All(m => m.Name != name))
        {
            throw new NotFoundException("This model is no longer there.");
        }

        await NoteAsync(caller, projectId, name, cancellationToken);
        var target = await routes.FindAsync(projectId, s_all, name, caller.UserId, cancellationToken);
        var chosen = target.Settings?.Chosen;
        var request = new GenerateRequest(requestId, "", Messages: [new ChatMessage("user", prompt)])
        {
            MaxNewTokens = chosen?.MaxTokens ?? maxNewTokens,
            Sampling = new SamplingSettings { Temperature = chosen?.Temperature ?? temperature, TopP = chosen?.TopP ?? 1 },
        };
        await foreach (
            var chunk in right.WhileHeldAsync(
                held => asking.AskAsync(target, Routed.With(request, target.Settings), new Asker(null, null), held),
                cancellationToken
            )
        )
        {
            yield return chunk;
        }
    }

    // Who asked which model; never what.
    private async Task NoteAsync(Caller caller, Guid projectId, string name, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.UseModels, cancellationToken);
        work.Audit("playground.asked", name);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>Says of an endpoint's answer whether it was good.</summary>
    /// <exception cref="NotFoundException">No endpoint of the project gave such an answer.</exception>
    public async Task SayAsync(Caller caller, Guid projectId, string requestId, bool good, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.UseModels, cancellationToken);
        await feedback.SayAsync(projectId, s_all, requestId, good, null, null, null, cancellationToken);
        work.Audit("feedback.said", requestId, null, new { good }); // not of an answer that there is none of
        await work.SaveAsync(cancellationToken);
    }
}
