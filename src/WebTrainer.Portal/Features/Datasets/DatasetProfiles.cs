using WebTrainer.Data.Files;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>What is counted over all rows of a version.</summary>
public sealed class DatasetProfiles(
    Authorizer authorizer,
    FileStore store,
    VersionFigures figures,
    RowReader reader,
    InstalledTokenizers tokenizers,
    InstalledEncoders encoders,
    ImportLimits limits
) : IDisposable
{
    /// <summary>Languages of the prompts, with where their rows stand.</summary>
    public async Task<LanguageProfile> LanguagesAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(authorizer, store, caller, projectId, datasetId, number, cancellationToken);
        return await figures.OnceAsync(
            path,
            () => OneAtATimeAsync(() => new LanguageShares(limits).MeasureAsync(path, cancellationToken), cancellationToken)
        );
    }

    /// <summary>Labels and their rows, the most frequent first; with a null label for rows without one.</summary>
    public async Task<IReadOnlyList<LabelCount>> LabelsAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(authorizer, store, caller, projectId, datasetId, number, cancellationToken);
        return await figures.OnceAsync(path, () => reader.CountLabelsAsync(path, cancellationToken));
    }

    /// <summary>Figures of a version.</summary>
    public async Task<VersionProfile> ProfileAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(authorizer, store, caller, projectId, datasetId, number, cancellationToken);
        return await figures.OnceAsync(path, () => reader.ProfileAsync(path, cancellationToken));
    }

    /// <summary>Models of this server whose tokenizers can count.</summary>
    public async Task<IReadOnlyList<InstalledTokenizer>> TokenizersAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return tokenizers.List();
    }

    /// <summary>Models of this server that make vectors of texts.</summary>
    public async Task<IReadOnlyList<InstalledEncoder>> EncodersAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return encoders.List();
    }

    /// <summary>Lengths in tokens, as the tokenizer of a model on this server counts them.</summary>
    /// <param name="tokenizer">Name of the model.</param>
    public async Task<TokenProfile> TokensAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        string tokenizer,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(authorizer, store, caller, projectId, datasetId, number, cancellationToken);
        if (!tokenizers.Folders().TryGetValue(tokenizer, out var folder))
        {
            throw new NotFoundException($"This server has no model '{tokenizer}' whose tokenizer could count.");
        }

        return await figures.OnceAsync(
            $"{path} {folder}",
            () => OneAtATimeAsync(() => new TokenLengths(limits).MeasureAsync(path, folder, cancellationToken), cancellationToken)
        );
    }

    /// <summary>Columns kept beside the texts, by which rows can be grouped.</summary>
    public async Task<IReadOnlyList<string>> ExtraColumnsAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        var path = await PathAsync(authorizer, store, caller, projectId, datasetId, number, cancellationToken);
        return await figures.OnceAsync(path, () => reader.ExtraColumnsAsync(path, cancellationToken));
    }

    /// <summary>Work that takes seconds of the whole server, for a page: one piece after the other.</summary>
    private async Task<T> OneAtATimeAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            _asking.Release();
        }
    }

    private readonly SemaphoreSlim _asking = new(1);

    public void Dispose() => _asking.Dispose();
}
