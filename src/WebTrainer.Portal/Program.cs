using System.Globalization;
using Microsoft.EntityFrameworkCore.Diagnostics;
using MudBlazor.Services;
using NetEscapades.AspNetCore.SecurityHeaders;
using Scalar.AspNetCore;
using WebTrainer.Data;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Pipeline.Queries;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components;
using WebTrainer.Portal.Features.Account;
using WebTrainer.Portal.Features.Adapters;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Comparing;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Demo;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Evaluations.Cards;
using WebTrainer.Portal.Features.Finding;
using WebTrainer.Portal.Features.Frame;
using WebTrainer.Portal.Features.Home;
using WebTrainer.Portal.Features.Judging;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Playground;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Searches;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Description;

try
{
    // The portal speaks English: the language of the machine changes no number, on no page and in no file.
    CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.GetCultureInfo("en");
    var builder = WebApplication.CreateBuilder(args);
    if (builder.Configuration[Backup.Option] is { Length: > 0 } target)
    {
        Backup.Make(DataFolders.Find(builder.Configuration, builder.Environment), Path.GetFullPath(target), CancellationToken.None);
        return 0;
    }

    builder.WebHost.UseStaticWebAssets();
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    builder.Services.AddOptions<PortalOptions>().BindConfiguration(PortalOptions.Section).ValidateDataAnnotations().ValidateOnStart();

    // The keys' folder is readable by its owner alone, like all of the data folder; the framework's word of it would alarm for nothing.
    builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
    var folder = DataFolders.Open(builder.Configuration, builder.Environment);
    builder.Services.AddWebTrainerData(folder);
    builder.Services.AddSigningKeys(folder, builder.Configuration);
    builder.Services.AddOptions<QuotaOptions>().BindConfiguration(QuotaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
    builder.Services.AddSingleton<ISaveChangesInterceptor, JobQuota>();
    builder.Services.AddOptions<ConnectorOptions>().BindConfiguration(ConnectorOptions.Section).ValidateOnStart();
    builder.Services.AddOptions<QueryOptions>().BindConfiguration(QueryOptions.Section).ValidateOnStart();
    // Whatever ends a background service by accident ends neither the portal nor what the others do.
    builder.Services.Configure<HostOptions>(host => host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore);
    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddPortalNetwork();
    builder.Services.AddPortalSignIn();
    builder.Services.AddPortalRateLimits();
    builder.Services.AddProblemDetails();
    builder.Services.AddPortalJson();
    builder.Services.AddExceptionHandler<RefusalHandler>();
    // so that a refusal says what is wrong, in production too
    builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    builder.Services.AddSingleton<IdempotencyKeys>();
    builder.Services.AddApiDescription(options => options.AddSchemaTransformer<SettingDescriptions>());
    builder.Services.AddSignalR();
    builder.Services.AddRazorComponents().AddInteractiveServerComponents();
    builder.Services.AddMudServices();
    builder.Services.AddScoped<FormDrafts>();

    builder
        .Services.AddAccounts()
        .AddUploads()
        .AddProjects()
        .AddHome()
        .AddFinding()
        // before datasets: at start it ends workers that an earlier portal left, and cleaning that is begun again starts new ones
        .AddRuns()
        .AddDatasets()
        .AddLabeling()
        .AddSearches()
        .AddModels()
        .AddAdapters()
        .AddEvaluations()
        .AddJudging()
        .AddComparing()
        .AddPlayground()
        .AddDeployments()
        .AddAdministration()
        .AddSingleton<DemoProject>()
        .AddHostedService<DemoFollower>()
        .AddHostedService(services => services.GetRequiredService<DiskReserve>());

    var app = builder.Build();
    app.EnsureAddressesAreFree();
    await app.MigrateAsync();

    app.UseForwardedHeaders();
    app.UseSecurityHeaders(Headers.Policies());
    app.UseExceptionHandler();
    app.UseGates();
    app.UseNotFoundPage();
    app.UseAuthentication();
    app.UseAuthorization();
    app.UseRateLimiter();
    app.UseWhen(
        http => http.Request.Path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase),
        api => api.Use(api.ApplicationServices.GetRequiredService<IdempotencyKeys>().InvokeAsync)
    );
    app.UseAntiforgery();

    app.MapStaticAssets().AllowAnonymous();
    app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    app.MapGet("/health", () => Results.Text("healthy")).AllowAnonymous().ExcludeFromDescription();
    app.MapOpenApi().AllowAnonymous();
    app.MapScalarApiReference(
            (options, http) =>
                options.WithNonce(http.GetNonce()).DisableDefaultFonts().DisableAgent().DisableTelemetry().HideDeveloperTools()
        )
        .AllowAnonymous();

    var api = app.MapGroup("/api/v1").AddEndpointFilter<SameSiteGuard>();
    api.MapProjectsApi();
    api.MapGroup("/projects/{projectId:guid}").MapUploadsApi();
    api.MapDatasetsApi();
    api.MapLabelingApi();
    api.MapRunsApi();
    api.MapAuditApi();
    api.MapSearchesApi();
    api.MapModelsApi();
    api.MapAdaptersApi();
    api.MapEvaluationsApi();
    api.MapTunedModelsApi();
    api.MapJudgesApi();
    api.MapComparingApi();
    app.MapRunsHub();
    app.MapModelEndpoint();

    app.Announce();
    await app.RunAsync();
    return 0;
}
catch (Exception ex) when (StartFailure.Explain(ex) is { } sentence)
{
    await Console.Error.WriteLineAsync(sentence);
    return 1;
}

public partial class Program;
