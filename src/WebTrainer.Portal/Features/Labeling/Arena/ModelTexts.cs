using System.Text;
using WebTrainer.Jobs;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Whole answers of a project's models.</summary>
internal static class ModelTexts
{
    /// <exception cref="JobFailedException">The model could not be loaded, or ended.</exception>
    public static async Task<string> AskAsync(
        ServedModels models,
        CallableModel model,
        string prompt,
        int maxTokens,
        double temperature,
        CancellationToken cancellationToken
    )
    {
        var request = new GenerateRequest(Guid.NewGuid().ToString("N"), "", Messages: [new ChatMessage("user", prompt)])
        {
            MaxNewTokens = maxTokens,
            Sampling = new SamplingSettings { Temperature = temperature },
        };
        var text = new StringBuilder();
        await foreach (var chunk in models.GenerateAsync(model, request, precision: null, cancellationToken))
        {
            if (chunk.Error is { } error)
            {
                throw new JobFailedException(error, "Look at the model in the playground.");
            }

            text.Append(chunk.Text);
        }

        return text.ToString().Trim();
    }
}
