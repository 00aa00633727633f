namespace WebTrainer.EndToEnd.Support;

/// <summary>
/// A portal, a browser and two leads for all tests of a collection, which run one after the other, each in a project of its own.
/// </summary>
public sealed class SharedPortal : IAsyncLifetime
{
    private Team _team = null!;

    public async ValueTask InitializeAsync() => _team = await Team.AssembleAsync("--Sources:AllowedHosts:0", "127.0.0.1");

    public Task<Team> NewProjectAsync() => _team.InNewProjectAsync();

    public ValueTask DisposeAsync() => _team.DisposeAsync();
}

/// <summary>Runs, evaluations, searches and what is shown of them.</summary>
[CollectionDefinition(nameof(ResultsPortal))]
public sealed class ResultsPortal : ICollectionFixture<SharedPortal>;

/// <summary>Files, rows and circuits.</summary>
[CollectionDefinition(nameof(DataPortal))]
public sealed class DataPortal : ICollectionFixture<SharedPortal>;
