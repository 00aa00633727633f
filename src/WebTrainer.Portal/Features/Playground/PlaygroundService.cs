using System.Runtime.CompilerServices;
using WebTrainer.Domain;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Playground;

/// <summary>Tries models by hand.</summary>
public sealed class PlaygroundService(Authorizer authorizer, RightsWatch rights, ServedModels models)
{
    public const int MaxPromptLength = 20_000;

    public async Task<IReadOnlyList<CallableModel>> ModelsAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.UseModels, cancellationToken);
        return await models.ListAsync(projectId, cancellationToken);
    }

    /// <summary>Streams one model's answer.</summary>
    public async IAsyncEnumerable<GenerateChunk> AskAsync(
        Caller caller,
        Guid projectId,
        string modelId,
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
        var model =
            (await ModelsAsync(caller, projectId, cancellationToken)).FirstOrDefault(m => m.Id == modelId)
            ?? throw new NotFoundException("This model is no longer there.");
        var request = new GenerateRequest(Guid.NewGuid().ToString("N"), "", Messages: [new ChatMessage("user", prompt)])
        {
            MaxNewTokens = maxNewTokens,
            Sampling = new SamplingSettings { Temperature = temperature },
        };
        await foreach (var chunk in right.WhileHeldAsync(held => models.GenerateAsync(model, request, held), cancellationToken))
        {
            yield return chunk;
        }
    }
}
