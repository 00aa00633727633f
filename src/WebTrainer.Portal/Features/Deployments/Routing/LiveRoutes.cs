using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Deployments;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Serving;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Routing;

/// <summary>
/// Finds what answers under a name. It is read from the database for each request, so that a promotion holds from the next one on, in
/// every process.
/// </summary>
public sealed class LiveRoutes(IDbContextFactory<AppDb> databases, ServedModels models)
{
    /// <summary>What a key can name.</summary>
    public async Task<IReadOnlyList<Target>> ListAsync(Guid projectId, KeyBounds bounds, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var targets = new List<Target>();
        foreach (var deployment in await LiveAsync(db, projectId, cancellationToken))
        {
            if (
                bounds.Reaches(deployment.Id)
                && await TryFindAsync(db, deployment, deployment.LiveVersionId!.Value, cancellationToken) is { } target
            )
            {
                targets.Add(target);
            }
        }

        return bounds.ReachesRuns
            ? [.. targets, .. (await models.ListAsync(projectId, cancellationToken)).Select(m => new Target(m.Id, m))]
            : targets;
    }

    /// <summary>What answers a request.</summary>
    /// <param name="who">Who asks, or what is asked: the same is answered by the same version. Null where it is only looked at.</param>
    /// <exception cref="OpenAiException">Nothing answers under this name, or the key doesn't reach it.</exception>
    public async Task<Target> FindAsync(Guid projectId, KeyBounds bounds, string? name, string? who, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var deployment = await db
            .Deployments.AsNoTracking()
            .SingleOrDefaultAsync(d => d.ProjectId == projectId && d.Name == name, cancellationToken);
        if (deployment is null)
        {
            return bounds.ReachesRuns && await models.FindAsync(projectId, name, cancellationToken) is { } model
                ? new Target(model.Id, model)
                : throw await NotFoundAsync(db, projectId, bounds, name, cancellationToken);
        }

        if (!bounds.Reaches(deployment.Id))
        {
            throw OpenAiException.NoModel(name, "This key was not made for it.");
        }

        if (deployment.LiveVersionId is not { } live)
        {
            throw OpenAiException.NoModel(
                name,
                deployment.RetiredAt is null ? "It has no live version yet." : "It was retired; ask the project for another."
            );
        }

        var tried =
            deployment.CandidateVersionId is not null && who is not null && Routed.Place(deployment.Id, who) < deployment.TrialPercent;
        var candidate = tried ? await TryFindAsync(db, deployment, deployment.CandidateVersionId!.Value, cancellationToken) : null;
        if (candidate is not null && deployment.TrialMode == TrialMode.Share)
        {
            return candidate;
        }

        var target = await FindAsync(db, deployment, live, cancellationToken);
        return target with { Shadow = candidate };
    }

    /// <summary>Asks a target.</summary>
    /// <param name="request">With what the version adds to it (<see cref="Routed.With"/>).</param>
    public IAsyncEnumerable<GenerateChunk> GenerateAsync(Target target, GenerateRequest request, CancellationToken cancellationToken) =>
        models.GenerateAsync(target.Model, request, target.Settings?.Chosen.Precision, cancellationToken);

    /// <summary>Makes the worker ready that these settings are answered by.</summary>
    /// <exception cref="JobFailedException">It can't be; the message says why.</exception>
    public async Task WarmAsync(Guid projectId, DeploymentSettings settings, CancellationToken cancellationToken) =>
        await models.WarmAsync(await ModelAsync(projectId, settings, cancellationToken), settings.Chosen.Precision, cancellationToken);

    /// <summary>One greedy answer by the served path, with what went in and came out.</summary>
    public async Task<AnswerTrace> TraceAsync(
        Guid projectId,
        DeploymentSettings settings,
        ReplayPrompt prompt,
        int maxNewTokens,
        CancellationToken cancellationToken
    )
    {
        var model = await ModelAsync(projectId, settings, cancellationToken);
        var request = Routed.With(
            new GenerateRequest("replay-" + prompt.Id, "", Messages: prompt.Messages)
            {
                MaxNewTokens = maxNewTokens,
                LogProbabilities = 0,
                Trace = true,
            },
            settings
        ) with
        {
            // the training knows neither further ends nor a choice
            Stop = [],
            Constraint = null,
        };
        var trace = new TraceBuilder(prompt.Id);
        await foreach (var chunk in models.GenerateAsync(model, request, settings.Chosen.Precision, cancellationToken))
        {
            trace.Add(chunk);
        }

        return trace.Error is { } error
            ? throw new JobFailedException(error, "Look whether the model still answers in the playground.")
            : trace.Build();
    }

    private async Task<CallableModel> ModelAsync(Guid projectId, DeploymentSettings settings, CancellationToken cancellationToken) =>
        await models.FindAsync(
            projectId,
            settings.RunNumber is { } number ? AdapterNames.Of(number) : settings.BaseModel,
            cancellationToken
        ) ?? throw new JobFailedException("The model of this version is no longer on this server.", "Make a version of one that is.");

    private static Task<List<Deployment>> LiveAsync(AppDb db, Guid projectId, CancellationToken cancellationToken) =>
        db
            .Deployments.AsNoTracking()
            .Where(d => d.ProjectId == projectId && d.LiveVersionId != null)
            .OrderBy(d => d.Name)
            .ToListAsync(cancellationToken);

    /// <returns>Null where it can't answer, so that a candidate that broke takes nothing from the live version.</returns>
    private async Task<Target?> TryFindAsync(AppDb db, Deployment deployment, Guid versionId, CancellationToken cancellationToken)
    {
        var version = await db.DeploymentVersions.AsNoTracking().SingleAsync(v => v.Id == versionId, cancellationToken);
        return
            version.MayAnswer
            && DeploymentSettings.TryRead(version.Settings, version.SettingsSha256) is { } settings
            && await models.FindAsync(
                deployment.ProjectId,
                settings.RunNumber is { } number ? AdapterNames.Of(number) : settings.BaseModel,
                cancellationToken
            )
                is { } model
            ? new Target(deployment.Name, model, deployment, version, settings)
            : null;
    }

    private async Task<Target> FindAsync(AppDb db, Deployment deployment, Guid versionId, CancellationToken cancellationToken) =>
        await TryFindAsync(db, deployment, versionId, cancellationToken)
        ?? throw new OpenAiException(
            StatusCodes.Status503ServiceUnavailable,
            $"'{deployment.Name}' can't answer: the settings or files of its live version are not those that were approved. Tell the project's leads.",
            "server_error"
        );

    private static async Task<OpenAiException> NotFoundAsync(
        AppDb db,
        Guid projectId,
        KeyBounds bounds,
        string? name,
        CancellationToken cancellationToken
    )
    {
        var there = (await LiveAsync(db, projectId, cancellationToken))
            .Where(d => bounds.Reaches(d.Id))
            .Select(d => $"'{d.Name}'")
            .ToList();
        return OpenAiException.NoModel(
            name,
            there.Count == 0
                ? "Keys reach endpoints, and the project has none that is live: make one on its page Deployment."
                : $"There is {string.Join(", ", there)}."
        );
    }
}
