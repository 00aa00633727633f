using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain;
using WebTrainer.Domain.Notices;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Pipeline.Connectors;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Notices;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Notices;

/// <summary>Who is told of what, how it arrives, and what becomes of what doesn't.</summary>
public sealed class NoticeTests : ResultsTest
{
    private const string PortalAddress = "https://webtrainer.example.org";
    private readonly MailSink _sink = new();
    private readonly Receiver _receiver = new();

    protected override IServiceCollection AddMore(IServiceCollection services) =>
        services
            .AddNotices()
            .AddDataProtection()
            .Services.Configure<ConnectorOptions>(o => o.AllowedHosts.Add("127.0.0.1"))
            .Configure<NoticeOptions>(o =>
            {
                o.PortalAddress = PortalAddress;
                (o.Mail.Host, o.Mail.Port, o.Mail.Security) = ("127.0.0.1", _sink.Port, MailSecurity.None);
                o.Mail.From = "WebTrainer <webtrainer@example.org>";
            });

    private RunService Runs => Portal.Get<RunService>();

    private WebhookService Webhooks => Portal.Get<WebhookService>();

    [Fact]
    public async Task RunThatWaits_TellsTheLeadByMail_WhatToDo_WithALink_AndNotWhoAsked()
    {
        await WishAsync(Lead, "lead@example.org");
        await WishAsync(Engineer, "engineer@example.org");
        await BeginAsync();
        var run = await SubmitAsync("tickets");
        await TellAsync();
        var mail = Assert.Single(_sink.Mails);
        Assert.Equal(
            ("lead@example.org", "webtrainer@example.org"),
            (Assert.Single(mail.To.Mailboxes).Address, Assert.Single(mail.From.Mailboxes).Address)
        );
        Assert.Equal("Approve run 2 · tickets", mail.Subject);
        Assert.Contains(
            "engineer asks for run 2 · tickets. Read what is known of it, then approve or reject it.",
            mail.TextBody,
            StringComparison.Ordinal
        );
        Assert.Contains($"{PortalAddress}/p/{Project}/runs/{run}", mail.TextBody, StringComparison.Ordinal);
        await TellAsync();
        Assert.Single(_sink.Mails);
    }

    [Fact]
    public async Task Decision_TellsWhoAsked_AndNothingIsToldOfWhatWasBefore()
    {
        await WishAsync(Engineer, "engineer@example.org");
        await Runs.WithdrawAsync(Engineer, Project, Run, Ct);
        await BeginAsync();
        var run = await SubmitAsync("tickets");
        await Runs.RejectAsync(Lead, Project, run, "Too dear.", Ct);
        await TellAsync();
        Assert.Equal("Run 2 · tickets was rejected", Assert.Single(_sink.Mails).Subject);
    }

    [Theory]
    [InlineData(JobState.Completed, "Judge run 2 · tickets")]
    [InlineData(JobState.Failed, "Run 2 · tickets has failed")]
    public async Task EndOfARun_TellsWhoAskedForIt_Once(JobState state, string subject)
    {
        await WishAsync(Engineer, "engineer@example.org");
        var run = await SubmitAsync("tickets");
        await Runs.ApproveAsync(Lead, Project, run, (await Runs.GetAsync(Lead, Project, run, Ct)).Run.SpecSha256, Ct);
        await BeginAsync();
        await using (var db = Portal.OpenDb())
        {
            var job = await db.Jobs.SingleAsync(j => j.ProjectId == Project, Ct);
            job.End(state, Portal.Clock.GetUtcNow());
            await db.SaveChangesAsync(Ct);
        }

        Portal.Clock.Advance(TimeSpan.FromMinutes(1));
        await TellAsync();
        await TellAsync();
        Assert.Equal(subject, Assert.Single(_sink.Mails).Subject);
    }

    [Fact]
    public async Task Wishes_LeaveOutTopics_AndPeopleWhoLeft()
    {
        await Portal.Get<PreferenceService>().SetAsync(Lead, new MailWishes("lead@example.org", [NoticeTopic.Alert]), Ct);
        await BeginAsync();
        await SubmitAsync("one");
        await TellAsync();
        Assert.Empty(_sink.Mails);

        await WishAsync(Lead, "lead@example.org");
        await SubmitAsync("two");
        await Portal.Get<NoticeWatch>().LookAsync(Ct);
        await using (var db = Portal.OpenDb())
        {
            await db.Memberships.Where(m => m.UserId == Lead.UserId).ExecuteDeleteAsync(Ct);
        }

        await Portal.Get<NoticeSender>().SendAsync(Ct);
        Assert.Empty(_sink.Mails);
    }

    [Fact]
    public async Task QuietHours_HoldMailBackUntilTheyAreOver()
    {
        // It is nine in London, ten in Berlin.
        var wishes = new MailWishes("lead@example.org", [NoticeTopic.Waits], new TimeOnly(22, 0), new TimeOnly(10, 30), "Europe/Berlin");
        await Portal.Get<PreferenceService>().SetAsync(Lead, wishes, Ct);
        await BeginAsync();
        await SubmitAsync("early");
        await TellAsync();
        Assert.Empty(_sink.Mails);
        Portal.Clock.Advance(TimeSpan.FromMinutes(30));
        await TellAsync();
        Assert.Single(_sink.Mails);
    }

    [Theory]
    [InlineData("no address", "UTC")]
    [InlineData("lead@example.org", "Middle-earth/Shire")]
    public async Task Wishes_ThatCantBe_AreRefused(string address, string zone) =>
        await Assert.ThrowsAsync<RuleViolationException>(() =>
            Portal.Get<PreferenceService>().SetAsync(Lead, new MailWishes(address, [], TimeZone: zone), Ct)
        );

    [Fact]
    public async Task Webhook_IsToldAsJson_SignedOverMomentAndBody()
    {
        var made = await Webhooks.AddAsync(Lead, Project, new NewWebhook(_receiver.Address, [NoticeTopic.Waits]), Ct);
        await BeginAsync();
        var run = await SubmitAsync("tickets");
        await TellAsync();
        var (headers, body) = Assert.Single(_receiver.Requests);
        Assert.Equal($"v1={WebhookSecrets.Sign(made.Secret, headers["WebTrainer-Timestamp"]!, body)}", headers["WebTrainer-Signature"]);
        Assert.NotEqual($"v1={WebhookSecrets.Sign(made.Secret, "1", body)}", headers["WebTrainer-Signature"]);
        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal("waits", json.GetProperty("topic").GetString());
        Assert.Equal($"{PortalAddress}/p/{Project}/runs/{run}", json.GetProperty("link").GetString());

        var renewed = await Webhooks.RenewAsync(Lead, Project, made.Id, Ct);
        await SubmitAsync("more");
        await TellAsync();
        (headers, body) = _receiver.Requests[^1];
        Assert.Equal($"v1={WebhookSecrets.Sign(renewed.Secret, headers["WebTrainer-Timestamp"]!, body)}", headers["WebTrainer-Signature"]);
    }

    [Fact]
    public async Task ReceiverThatIsAway_IsTriedAgainWithGrowingPauses_ThenALeadSeesItAndSendsItAgain()
    {
        await Webhooks.AddAsync(Lead, Project, new NewWebhook(_receiver.Address, [NoticeTopic.Waits]), Ct);
        _receiver.Status = 503;
        await BeginAsync();
        await SubmitAsync("tickets");
        await TellAsync();
        foreach (var pause in Delivery.Pauses)
        {
            Assert.Empty(await Webhooks.DeadAsync(Lead, Project, Ct));
            Portal.Clock.Advance(pause - TimeSpan.FromSeconds(1));
            var tries = _receiver.Requests.Count;
            await TellAsync();
            Assert.Equal(tries, _receiver.Requests.Count); // not before its time
            Portal.Clock.Advance(TimeSpan.FromSeconds(1));
            await TellAsync();
            Assert.Equal(tries + 1, _receiver.Requests.Count);
        }

        Assert.Single(_receiver.Requests.Select(r => r.Headers["WebTrainer-Delivery"]).Distinct());
        var dead = Assert.Single(await Webhooks.DeadAsync(Lead, Project, Ct));
        Assert.Equal((Delivery.Pauses.Count + 1, _receiver.Address), (dead.Tries, dead.Receiver));
        Assert.Contains("503", dead.Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ForbiddenException>(() => Webhooks.DeadAsync(Engineer, Project, Ct));

        _receiver.Status = 204;
        await Webhooks.SendAgainAsync(Lead, Project, dead.Id, Ct);
        await TellAsync();
        Assert.Empty(await Webhooks.DeadAsync(Lead, Project, Ct));
        await Assert.ThrowsAsync<RuleViolationException>(() => Webhooks.SendAgainAsync(Lead, Project, dead.Id, Ct));
    }

    [Fact]
    public async Task AddressInTheServersOwnNetwork_IsNotReached_AndPutAsideAtOnce()
    {
        await Webhooks.AddAsync(
            Lead,
            Project,
            new NewWebhook($"http://localhost:{new Uri(_receiver.Address).Port}/", [NoticeTopic.Waits]),
            Ct
        );
        await BeginAsync();
        await SubmitAsync("tickets");
        await TellAsync();
        Assert.Empty(_receiver.Requests);
        Assert.Contains("own network", Assert.Single(await Webhooks.DeadAsync(Lead, Project, Ct)).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("https://name:word@example.org/")]
    public async Task AddressThatIsNone_IsRefused(string address) =>
        await Assert.ThrowsAsync<RuleViolationException>(() => Webhooks.AddAsync(Lead, Project, new NewWebhook(address, []), Ct));

    [Fact]
    public async Task Webhooks_AreForLeads_OnceAnAddress()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Webhooks.AddAsync(Engineer, Project, new NewWebhook(_receiver.Address, []), Ct));
        var made = await Webhooks.AddAsync(Lead, Project, new NewWebhook(_receiver.Address, []), Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => Webhooks.AddAsync(Lead, Project, new NewWebhook(_receiver.Address, []), Ct));
        await Webhooks.RemoveAsync(Lead, Project, made.Id, Ct);
        Assert.Empty(await Webhooks.ListAsync(Lead, Project, Ct));
    }

    [Fact]
    public async Task MailServerThatRefusesAReceiver_IsNotAskedAgain()
    {
        _sink.Refuses = true;
        await WishAsync(Lead, "lead@example.org");
        await BeginAsync();
        await SubmitAsync("tickets");
        await TellAsync();
        Assert.Contains("refused", Assert.Single(await Webhooks.DeadAsync(Lead, Project, Ct)).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "ada@example.org", 587, "", MailSecurity.StartTls, "PortalAddress")]
    [InlineData("ftp://x", "ada@example.org", 587, "", MailSecurity.StartTls, "PortalAddress")]
    [InlineData(PortalAddress, "nobody", 587, "", MailSecurity.StartTls, "Mail:From")]
    [InlineData(PortalAddress, "ada@example.org", 0, "", MailSecurity.StartTls, "Mail:Port")]
    [InlineData(PortalAddress, "ada@example.org", 25, "ada", MailSecurity.None, "Mail:Security")]
    public void Settings_ThatCantBe_AreNamedAtStart(string address, string from, int port, string user, MailSecurity security, string named)
    {
        var options = new NoticeOptions
        {
            PortalAddress = address,
            Mail =
            {
                Host = "mail.example.org",
                From = from,
                Port = port,
                UserName = user,
                Security = security,
            },
        };
        var problems = options.Validate(new System.ComponentModel.DataAnnotations.ValidationContext(options));
        Assert.Contains(problems, p => p.ErrorMessage!.StartsWith($"Notices:{named}", StringComparison.Ordinal));
        Assert.Empty(new NoticeOptions().Validate(new System.ComponentModel.DataAnnotations.ValidationContext(options)));
    }

    protected override async ValueTask EndAsync()
    {
        await _sink.DisposeAsync();
        _receiver.Dispose();
    }

    /// <summary>What happened before is told to nobody.</summary>
    private Task BeginAsync() => Portal.Get<NoticeWatch>().LookAsync(Ct);

    private async Task TellAsync()
    {
        await Portal.Get<NoticeWatch>().LookAsync(Ct);
        await Portal.Get<NoticeSender>().SendAsync(Ct);
    }

    private Task WishAsync(Caller person, string address) =>
        Portal.Get<PreferenceService>().SetAsync(person, new MailWishes(address, Enum.GetValues<NoticeTopic>()), Ct);

    private Task<Guid> SubmitAsync(string name) =>
        Runs.SubmitAsync(
            Engineer,
            Project,
            new RunRequest
            {
                DatasetVersionId = Version,
                BaseModel = "tiny",
                Name = name,
            },
            Ct
        );
}
