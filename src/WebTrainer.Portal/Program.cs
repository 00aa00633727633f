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
using WebTrainer.Portal.Features.Account.Directory;
using WebTrainer.Portal.Features.Account.Security;
using WebTrainer.Portal.Features.Adapters;
using WebTrainer.Portal.Features.Admin;
using WebTrainer.Portal.Features.Comparing;
using WebTrainer.Portal.Features.Compliance;
using WebTrainer.Portal.Features.Compliance.Packs;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Demo;
using WebTrainer.Portal.Features.Deployments;
using WebTrainer.Portal.Features.Deployments.OpenAi;
using WebTrainer.Portal.Features.Deployments.Versions;
using WebTrainer.Portal.Features.Evaluations;
using WebTrainer.Portal.Features.Evaluations.Cards;
using WebTrainer.Portal.Features.Finding;
using WebTrainer.Portal.Features.Frame;
using WebTrainer.Portal.Features.Home;
using WebTrainer.Portal.Features.Judging;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Portal.Features.Models;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Portal.Features.Notices;
using WebTrainer.Portal.Features.Playground;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Features.Retrainings;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Features.Runs.Waiting;
using WebTrainer.Portal.Features.Searches;
using WebTrainer.Portal.Features.Server;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Portal.Hosting;
using WebTrainer.Portal.Hosting.Backups;
using WebTrainer.Portal.Hosting.Description;
using WebTrainer.Portal.Hosting.Health;
using WebTrainer.Portal.Hosting.Telemetry;

try
{
    // The portal speaks English: the language of the machine changes no number, on no page and in no file.
    CultureInfo.DefaultThreadCurrentCulture = CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.GetCultureInfo("en");
    var command = CommandWords.Find(args, [AuditCommand.Name, .. BackupCommand.Names]);
    var builder = WebApplication.CreateBuilder(command?.Settings ?? args);
    switch (command)
    {
        case { Name: AuditCommand.Name }:
            return AuditCommand.Run(command.Words, builder.Configuration, builder.Environment, CancellationToken.None);
        case not null:
            return BackupCommand.Run(command, builder.Configuration, builder.Environment, TimeProvider.System, CancellationToken.None);
    }

    builder.WebHost.UseStaticWebAssets();
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    builder.Services.AddOptions<PortalOptions>().BindConfiguration(PortalOptions.Section).ValidateDataAnnotations().ValidateOnStart();

    // The keys' folder is readable by its owner alone, like all of the data folder; the framework's word of it would alarm for nothing.
    builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection.KeyManagement.XmlKeyManager", LogLevel.Error);
    var folder = DataFolders.Open(builder.Configuration, builder.Environment);
    builder.Services.AddAuditProof(folder, builder.Configuration, builder.Environment);
    builder.Services.AddWebTrainerData(folder);
    builder.Services.AddSigningKeys(folder, builder.Configuration);
    builder.Services.AddOptions<QuotaOptions>().BindConfiguration(QuotaOptions.Section).ValidateDataAnnotations().ValidateOnStart();
    builder.Services.AddSingleton<ISaveChangesInterceptor, JobQuota>();
    builder.Services.AddOptions<ConnectorOptions>().BindConfiguration(ConnectorOptions.Section).ValidateOnStart();
    builder.Services.AddOptions<QueryOptions>().BindConfiguration(QueryOptions.Section).ValidateOnStart();
    builder.Services.Configure<HostOptions>(host =>
    {
        // Whatever ends a background service by accident ends neither the portal nor what the others do.
        host.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        // Open pages would hold up a stop for half a minute; whatever is cut off goes on at the next start.
        host.ShutdownTimeout = TimeSpan.FromSeconds(2);
    });
    builder.Services.AddSingleton(TimeProvider.System);
    builder.AddPortalTelemetry();
    builder.Services.AddPortalHealth();
    builder.Services.AddPortalNetwork();
    builder.Services.AddPortalSignIn(builder.Configuration);
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
        .AddNotices()
        .AddMonitoring()
        .AddRetrainings()
        .AddDeployments()
        .AddCompliance()
        .AddServer()
        .AddAdministration()
        .AddSingleton<DemoProject>()
        .AddHostedService<DemoFollower>()
        .AddHostedService(services => services.GetRequiredService<AuditSigner>())
        .AddHostedService(services => services.GetRequiredService<DiskReserve>());

    var app = builder.Build();
    app.EnsureAddressesAreFree();
    await app.MigrateAsync();

    app.UseForwardedHeaders();
    app.UseSecurityHeaders(Headers.Policies());
    app.UseExceptionHandler();
    app.UseGates();
    app.UseMetricsPage();
    app.UseNotFoundPage();
    app.UseAuthentication();
    app.UseAuthorization();
    app.UseRateLimiter();
    app.Use(app.Services.GetRequiredService<SecondFactorGate>().InvokeAsync);
    app.UseWhen(
        http => http.Request.Path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase),
        api => api.Use(api.ApplicationServices.GetRequiredService<IdempotencyKeys>().InvokeAsync)
    );
    app.UseAntiforgery();

    app.MapStaticAssets().AllowAnonymous();
    app.MapRazorComponents<App>().AddInteractiveServerRenderMode();
    app.MapHealthPages();
    app.MapDirectory();
    app.MapPasskeys();
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
    api.MapQueueApi();
    api.MapAuditApi();
    api.MapSearchesApi();
    api.MapModelsApi();
    api.MapAdaptersApi();
    api.MapEvaluationsApi();
    api.MapTunedModelsApi();
    api.MapJudgesApi();
    api.MapComparingApi();
    api.MapDeploymentsApi();
    api.MapPoliciesApi();
    api.MapPacksApi();
    api.MapMonitoringApi();
    api.MapNoticesApi();
    api.MapRetrainingApi();
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
