using System.Net.Http.Headers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>The whole portal as programs meet it, with a data folder of its own.</summary>
public sealed class WebPortal : WebApplicationFactory<Program>
{
    public const string Password = "correct horse battery";

    private readonly string _folder;
    private readonly bool _isOwn;

    public WebPortal()
        : this(Directory.CreateTempSubdirectory("webtrainer-web-").FullName) => _isOwn = true;

    /// <summary>A portal on a data folder that stays when it ends.</summary>
    internal WebPortal(string folder) => _folder = folder;

    /// <summary>What an operator sets: <c>["Network:AllowedHosts:0"] = "webtrainer.example.org"</c>.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseContentRoot(RepositoryRoot());
        builder.UseSetting("Portal:DataFolder", _folder);
        builder.UseSetting("Portal:FetchEncoder", "false"); // tests need no registry
        builder.UseSetting("Urls", "http://127.0.0.1:0"); // a portal that is up on the usual address is none of the tests' concern
        // The portal wants to know its worker at start; these tests start none.
        var worker = Path.Combine(_folder, "worker.dll");
        File.WriteAllText(worker, "");
        builder.UseSetting("Jobs:WorkerPath", worker);
        foreach (var (name, value) in Settings)
        {
            builder.UseSetting(name, value);
        }
    }

    /// <summary>A client that acts for a new person by an access token with all scopes.</summary>
    public async Task<(HttpClient Client, string UserId)> PersonAsync(string name)
    {
        using var scope = Services.CreateScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<AppUser>>();
        var user = new AppUser
        {
            UserName = name,
            DisplayName = name,
            CreatedAt = DateTimeOffset.UtcNow,
        };
        Assert.True((await users.CreateAsync(user, Password)).Succeeded);
        await using var db = await Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync();
        var secret = SecretToken.Create(PersonalAccessToken.Prefix);
        db.PersonalAccessTokens.Add(
            new PersonalAccessToken(user.Id, "test", secret, TokenScopes.All, TimeSpan.FromDays(1), DateTimeOffset.UtcNow)
        );
        await db.SaveChangesAsync();
        var client = CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return (client, user.Id);
    }

    public async Task<Guid> ProjectAsync(string leadId)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<AppDb>>().CreateDbContextAsync();
        var project = new Project("Project", "", leadId, DateTimeOffset.UtcNow);
        db.Projects.Add(project);
        await db.SaveChangesAsync();
        return project.Id;
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && _isOwn && Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WebTrainer.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder.FullName;
    }
}
