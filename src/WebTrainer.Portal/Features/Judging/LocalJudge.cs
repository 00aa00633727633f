using System.Text;
using WebTrainer.Jobs;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>Asks a model of this server, by the same serving as the playground.</summary>
public sealed class LocalJudge(ServedModels? models = null)
{
    /// <summary>Models that can judge, by the names of the project.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(Guid projectId, CancellationToken cancellationToken) =>
        models is null ? [] : [.. (await models.ListAsync(projectId, cancellationToken)).Select(model => model.Id)];

    /// <returns>The reply; empty, which is no verdict, where the question doesn't fit into the model's context: the rubric would be cut
    /// away.</returns>
    /// <exception cref="JudgeException">The model is gone, or can't be loaded.</exception>
    public async Task<string> AskAsync(Guid projectId, JudgeSettings settings, JudgePrompt prompt, CancellationToken cancellationToken)
    {
        var model = models is null
            ? null
            : (await models.ListAsync(projectId, cancellationToken)).FirstOrDefault(m => m.Id == settings.Model);
        if (model is null)
        {
            throw new JudgeException($"The model '{settings.Model}' is no longer there.", mayPass: false);
        }

        var room = Math.Min(settings.ReplyTokens, model.Base.ContextTokens / 2);
        var request = new GenerateRequest(
            Guid.NewGuid().ToString("N"),
            "",
            Messages: [new("system", prompt.System), new("user", prompt.User)]
        )
        {
            MaxNewTokens = room,
            Sampling = new SamplingSettings { Temperature = 0 },
            Seed = settings.Seed,
        };
        try
        {
            var text = new StringBuilder();
            var isCut = false;
            await foreach (var chunk in models!.GenerateAsync(model, request, precision: null, cancellationToken))
            {
                if (chunk.Error is { } error)
                {
                    throw new JudgeException(error, mayPass: false);
                }

                text.Append(chunk.Text);
                isCut |= chunk.PromptTokens >= model.Base.ContextTokens - room;
            }

            return isCut ? "" : text.ToString();
        }
        catch (JobFailedException failure)
        {
            throw new JudgeException(failure.Message, mayPass: false, failure);
        }
    }
}
