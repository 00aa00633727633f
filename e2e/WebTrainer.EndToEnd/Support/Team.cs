namespace WebTrainer.EndToEnd.Support;

/// <summary>A running portal with a project, its lead and a second lead, and access tokens of both.</summary>
public sealed class Team : IAsyncDisposable
{
    public required PortalProcess Portal { get; init; }
    public required Chrome Chrome { get; init; }
    public required Person Lead { get; init; }
    public required Person SecondLead { get; init; }
    public required Guid ProjectId { get; init; }
    public required Api LeadApi { get; init; }
    public required Api SecondApi { get; init; }
    public required string LeadToken { get; init; }
    public required string SecondToken { get; init; }

    /// <summary>Portal, browser and people are others' too, and go on.</summary>
    private bool IsShared { get; init; }

    /// <param name="arguments">For the portal.</param>
    public static async Task<Team> AssembleAsync(params string[] arguments)
    {
        var portal = await PortalProcess.StartAsync(arguments);
        var chrome = await Chrome.LaunchAsync();
        var lead = await chrome.NewPersonAsync("ada", portal);
        await lead.SetUpAsync();
        var project = await lead.MakeProjectAsync("Bank messages");
        var second = await chrome.NewPersonAsync("bo", portal);
        await second.JoinAsync(await lead.InviteAsync(project, "Lead"));
        var token = await lead.MakeTokenAsync();
        var secondToken = await second.MakeTokenAsync();
        return new Team
        {
            Portal = portal,
            Chrome = chrome,
            Lead = lead,
            SecondLead = second,
            ProjectId = project,
            LeadToken = token,
            SecondToken = secondToken,
            LeadApi = new Api(portal, token),
            SecondApi = new Api(portal, secondToken),
        };
    }

    /// <summary>The same people in a new project of the same portal.</summary>
    public async Task<Team> InNewProjectAsync()
    {
        var project = (await LeadApi.PostAsync("projects", new { name = "Bank messages" })).GetProperty("id").GetGuid();
        await SecondLead.AcceptAsync(await Lead.InviteAsync(project, "Lead"));
        return new Team
        {
            Portal = Portal,
            Chrome = Chrome,
            Lead = Lead,
            SecondLead = SecondLead,
            ProjectId = project,
            LeadToken = LeadToken,
            SecondToken = SecondToken,
            LeadApi = LeadApi,
            SecondApi = SecondApi,
            IsShared = true,
        };
    }

    /// <summary>Submits a run and has the second lead approve it.</summary>
    public async Task<Guid> StartRunAsync(Guid versionId, object training, string name = "test run")
    {
        var run = await LeadApi.PostAsync(
            $"projects/{ProjectId}/runs",
            new
            {
                name,
                datasetVersionId = versionId,
                baseModel = "webtrainer-base-8m",
                training,
            }
        );
        var id = run.GetProperty("id").GetGuid();
        await SecondApi.PostAsync(
            $"projects/{ProjectId}/runs/{id}/approve",
            new { specSha256 = run.GetProperty("specSha256").GetString() }
        );
        return id;
    }

    /// <summary>A live endpoint that answers by a run or base, and a key that reaches it.</summary>
    /// <param name="version">As the API takes it: <c>new { runId }</c> or <c>new { baseModel }</c>.</param>
    /// <returns>The key.</returns>
    public async Task<string> DeployAsync(string name, object version)
    {
        var made = await LeadApi.PostAsync($"projects/{ProjectId}/deployments", new { name, version });
        var endpoint = $"projects/{ProjectId}/deployments/{made.GetProperty("id").GetGuid()}";
        var draft = made.GetProperty("versions")[0];
        var address = $"{endpoint}/versions/{draft.GetProperty("id").GetGuid()}";
        var check = await LeadApi.PostAsync($"{address}/check");
        Assert.False(check.TryGetProperty("first", out _), check.ToString());
        await SecondApi.PostAsync($"{address}/approve", new { settingsSha256 = draft.GetProperty("settingsSha256").GetString() });
        await LeadApi.PostAsync($"{address}/promote");
        return (await LeadApi.PostAsync($"projects/{ProjectId}/keys", new { name })).GetProperty("key").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (IsShared)
        {
            return;
        }

        LeadApi.Dispose();
        SecondApi.Dispose();
        await Chrome.DisposeAsync();
        await Portal.DisposeAsync();
    }
}
