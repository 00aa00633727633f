using Microsoft.AspNetCore.Components;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Projects;

namespace WebTrainer.Portal.Features.Runs.Pages;

/// <summary>A version's rows in tokens of each model, and what an epoch of them costs.</summary>
public sealed partial class TokensPage
{
    private IReadOnlyList<(DatasetView Dataset, VersionSummary Version)> _versions = [];
    private VersionView? _version;
    private IReadOnlyList<Count> _counts = [];
    private IReadOnlyDictionary<string, MeasuredSpeed> _speeds = new Dictionary<string, MeasuredSpeed>();
    private ProjectPrice? _price;

    /// <summary>Id of the version; the newest published one, or else the newest, where none is said.</summary>
    [SupplyParameterFromQuery(Name = "version")]
    public Guid? VersionId { get; set; }

    protected override async Task LoadAsync()
    {
        _versions =
        [
            .. (await Data.ListAsync(Caller, ProjectId, Left))
                .SelectMany(d => d.Versions.Select(v => (d, v)))
                .OrderByDescending(v => v.v.CreatedAt),
        ];
        var known = _versions.Select(v => v.Version.Id).ToHashSet();
        var id =
            VersionId is { } asked && known.Contains(asked)
                ? asked
                : _versions.OrderByDescending(v => v.Version.PublishedAt is not null).Select(v => v.Version.Id).FirstOrDefault();
        if (id != _version?.Id)
        {
            _counts = [];
            _version = await VersionAsync(id);
        }

        _speeds = await Costs.SpeedsAsync(Caller, ProjectId, Left);
        _price = await Projects.PriceAsync(Caller, ProjectId, Left);
    }

    private async Task<VersionView?> VersionAsync(Guid id)
    {
        var (dataset, version) = _versions.FirstOrDefault(v => v.Version.Id == id);
        return version is null ? null : await Data.GetVersionAsync(Caller, ProjectId, dataset.Id, version.Number, Left);
    }

    private void Choose(string? id) => Navigation.NavigateTo(Navigation.GetUriWithQueryParameter("version", id));

    private Task CountAsync() =>
        ActAsync(async () =>
        {
            var counts = new List<Count>();
            foreach (var model in await Profiles.TokenizersAsync(Caller, ProjectId, Left))
            {
                var tokens = await Profiles.TokensAsync(Caller, ProjectId, _version!.DatasetId, _version.Number, model.Name, Left);
                counts.Add(new(model, tokens, _speeds.GetValueOrDefault(model.Name)));
                _counts = [.. counts];
                StateHasChanged();
            }
        });

    /// <param name="Speed">Null where no run on the model has ended in this project.</param>
    private sealed record Count(InstalledTokenizer Model, TokenProfile Tokens, MeasuredSpeed? Speed)
    {
        public double CutShare =>
            Model.ContextTokens <= 0 || Tokens.Lengths.Count == 0
                ? 0
                : (double)Tokens.Lengths.Count(n => n > Model.ContextTokens) / Tokens.Lengths.Count;

        /// <summary>As the model reads them: what lies beyond its context isn't read.</summary>
        public long EpochTokens =>
            Tokens.Lengths.Count == 0
                ? 0
                : (long)(
                    Tokens.Lengths.Average(n => (double)(Model.ContextTokens > 0 ? Math.Min(n, Model.ContextTokens) : n))
                    * Tokens.RowsInVersion
                );

        public double? EpochSeconds => EpochTokens / Speed?.TokensPerSecond;
    }
}
