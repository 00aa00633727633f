using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Portal.Features.Datasets.Cleaning;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Features.Datasets.Pages;

/// <summary>A recipe of steps beside what it would do to the rows: tried as often as one likes, then run.</summary>
public sealed partial class CleanPage
{
    private VersionView? _version;
    private IReadOnlyList<VersionRef> _others = [];
    private IReadOnlyList<InstalledTokenizer> _tokenizers = [];
    private IReadOnlyList<InstalledEncoder> _encoders = [];
    private IReadOnlyList<CleanStep> _steps = [];
    private IReadOnlyList<string> _keep = [];

    // What tells steps apart when they move: two may have the same settings.
    private IReadOnlyList<Guid> _keys = [];
    private Guid? _open;
    private int? _dragged;
    private string _json = "";
    private CleanPreview? _preview;
    private string? _refusal;
    private CancellationTokenSource? _looking;
    private DatasetOperation? _operation;

    [Parameter]
    public Guid DatasetId { get; set; }

    [Parameter]
    public int Number { get; set; }

    /// <summary>Number of a cleaned version of this dataset, whose recipe to begin with.</summary>
    [SupplyParameterFromQuery(Name = "recipe")]
    public int? RecipeOf { get; set; }

    /// <summary>A kind of step that is wanted, <c>Leaks</c>: it alone is begun with.</summary>
    [SupplyParameterFromQuery(Name = "add")]
    public string? Add { get; set; }

    /// <summary>The recipe as far as it is written.</summary>
    public sealed record Fields(string Recipe);

    protected override Fields? Draft => _version is null ? null : new(RecipeJson.Write(Recipe));

    protected override async Task LoadAsync()
    {
        if (_version is { } shown && shown.DatasetId == DatasetId && shown.Number == Number)
        {
            return;
        }
        _version = await Data.GetVersionAsync(Caller, ProjectId, DatasetId, Number, Left);
        _others =
        [
            .. (await Data.ListAsync(Caller, ProjectId, Left)).SelectMany(d =>
                d.Versions.Where(v => v.Id != _version.Id).Select(v => new VersionRef(v.Id, d.Id, d.Name, v.Number, v.Kind))
            ),
        ];
        _tokenizers = await DataProfiles.TokenizersAsync(Caller, ProjectId, Left);
        _encoders = await DataProfiles.EncodersAsync(Caller, ProjectId, Left);
        var recipe = RecipeOf is { } number ? await DataCleaning.RecipeAsync(Caller, ProjectId, DatasetId, number, Left) : null;
        var wanted = StepWords.Kinds.FirstOrDefault(step => step.GetType().Name == Add + "Step");
        var kept =
            recipe is null && wanted is null && await RestoreAsync() is { } fields
                ? Stored.TryRead(() => RecipeJson.Read<CleanRecipe>(fields.Recipe))
                : null;
        Use(recipe ?? kept ?? new CleanRecipe { Steps = wanted is null ? StepWords.Usual : [wanted] });
        await LookAsync();
    }

    private void Use(CleanRecipe recipe)
    {
        _steps = recipe.Steps;
        _keep = recipe.Keep;
        _keys = [.. recipe.Steps.Select(_ => Guid.NewGuid())];
    }

    private CleanRecipe Recipe => new() { Steps = _steps, Keep = _keep };

    private async Task ChangeAsync(IEnumerable<CleanStep> steps, IEnumerable<Guid> keys)
    {
        _steps = [.. steps];
        _keys = [.. keys];
        await LookAsync();
    }

    private Task AddAsync(CleanStep step)
    {
        if (step is TokenLimitStep limit && _tokenizers.Count > 0)
        {
            step = limit with
            {
                Tokenizer = _tokenizers[0].Name,
                Max = _tokenizers[0].ContextTokens is > 0 and var tokens ? tokens : limit.Max,
            };
        }
        if (step is SemanticDuplicatesStep same && InstalledEncoder.Usual(_encoders) is { } encoder)
        {
            step = same with { Model = encoder.Name };
        }
        _open = Guid.NewGuid();
        return ChangeAsync(_steps.Append(step), _keys.Append(_open.Value));
    }

    private Task ReplaceAsync(int i, CleanStep step) => ChangeAsync(_steps.Select((s, j) => j == i ? step : s), _keys);

    private Task RemoveAsync(int i) => ChangeAsync(_steps.Where((_, j) => j != i), _keys.Where((_, j) => j != i));

    private Task MoveAsync(int from, int to) => ChangeAsync(Moved(_steps, from, to), Moved(_keys, from, to));

    private async Task DropAsync(int on)
    {
        if (_dragged is { } from && from != on)
        {
            await MoveAsync(from, on);
        }
        _dragged = null;
    }

    private static List<T> Moved<T>(IReadOnlyList<T> items, int from, int to)
    {
        List<T> moved = [.. items];
        moved.RemoveAt(from);
        moved.Insert(to, items[from]);
        return moved;
    }

    private Task UseSavedAsync(string recipe)
    {
        _json = recipe;
        return UseJsonAsync();
    }

    private Task UseJsonAsync() =>
        ActAsync(async () =>
        {
            Use(CleanRecipe.Parse(_json));
            await LookAsync();
        });

    /// <summary>Shows what the recipe would do now; a look that a further change has overtaken is stopped.</summary>
    private async Task LookAsync()
    {
        _json = Recipe.ToYaml();
        if (_looking is not null)
        {
            await _looking.CancelAsync();
        }
        using var looking = CancellationTokenSource.CreateLinkedTokenSource(Left);
        _looking = looking;
        try
        {
            _preview = await DataCleaning.PreviewCleaningAsync(Caller, ProjectId, DatasetId, Number, Recipe, looking.Token);
            _refusal = null;
        }
        catch (OperationCanceledException) when (looking.IsCancellationRequested)
        {
            return; // what overtook it shows its own
        }
        catch (Exception ex) when (Hosting.RefusalHandler.StatusOf(ex) is not null)
        {
            _refusal = Hosting.RefusalHandler.SentenceOf(ex);
        }
        finally
        {
            if (_looking == looking)
            {
                _looking = null;
            }
        }
    }

    private Task ApplyAsync() =>
        OnceAsync(() => DataCleaning.StartCleanAsync(Caller, ProjectId, DatasetId, Number, Recipe, Left), FollowAsync);

    private Task FollowAsync(DatasetOperation operation)
    {
        _operation = operation;
        return TakenAsync();
    }

    private void Ended(DatasetOperation operation)
    {
        if (operation.Result is not { } made)
        {
            return;
        }
        Chrome?.ProjectChanged();
        Navigation.NavigateTo(Link($"data/{made.DatasetId}/v/{made.Number}"));
    }

    private Task StopAsync(DatasetOperation operation) =>
        ActAsync(async () =>
        {
            var ended = operation.EndedAt is not null;
            await Data.StopAsync(Caller, ProjectId, operation.Id, Left);
            if (ended)
            {
                _operation = null;
                NotTaken();
            }
        });
}
