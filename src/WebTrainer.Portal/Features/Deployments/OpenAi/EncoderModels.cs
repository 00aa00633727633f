using WebTrainer.Domain.Access;
using WebTrainer.Jobs.Serving;
using WebTrainer.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.OpenAi;

/// <summary>
/// The encoders of this server as they are, which a project's keys may ask for vectors of texts, but for keys of particular endpoints.
/// </summary>
public sealed class EncoderModels(ModelCatalog models, ServingPool pool)
{
    /// <returns>None for a key that was made for particular endpoints.</returns>
    public IReadOnlyList<BaseModel> List(KeyBounds bounds) =>
        bounds.Deployments.Count > 0 ? [] : [.. models.Tunable().Where(model => model.IsEncoder)];

    /// <returns>Null where no encoder is called so, or the key doesn't reach it.</returns>
    public BaseModel? Find(KeyBounds bounds, string? id) =>
        bounds.Deployments.Count == 0 && id is not null && models.Find(id) is { IsEncoder: true, IsTunable: true } model ? model : null;

    /// <summary>By the worker that also classifies with it, so that it is loaded once.</summary>
    public IAsyncEnumerable<GenerateChunk> EmbedAsync(
        BaseModel model,
        string id,
        IReadOnlyList<string> texts,
        CancellationToken cancellationToken
    ) =>
        pool.GenerateAsync(
            new ServedBase(model.Path),
            [],
            new GenerateRequest(id, EvaluationReport.BaseName)
            {
                Texts = [.. texts.Select(text => new TextToClassify(text))],
                Vectors = true,
            },
            cancellationToken
        );
}
