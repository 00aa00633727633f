using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Layout;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Components;

public sealed class WhileMemberTests
{
    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task PageOfAProject_GoesWithTheMembership_AndStaysBefore()
    {
        await using var portal = await TestPortal.StartAsync();
        var (lead, bo) = (await portal.AddUserAsync("lea"), await portal.AddUserAsync("bo"));
        var project = await portal.AddProjectAsync(lead, (bo, ProjectRole.Annotator));
        await using var browser = new BunitContext();
        browser.Services.AddSingleton(portal.Get<RightsWatch>());
        browser.AddAuthorization().SetAuthorized(bo.Name).SetClaims(new Claim(ClaimTypes.NameIdentifier, bo.UserId));
        var chrome = new PageChrome();
        var page = browser.Render<ErrorBoundary>(p =>
            p.AddCascadingValue(chrome)
                .AddChildContent<WhileMember>(w => w.AddChildContent("the page"))
                .Add(boundary => boundary.ErrorContent, error => error.Message)
        );
        await page.InvokeAsync(() => chrome.Show(project)); // as the page does when it is opened

        await portal.Get<RightsWatch>().CheckAsync(Ct);
        Assert.Contains("the page", page.Markup, StringComparison.Ordinal);

        await using (var db = portal.OpenDb())
        {
            await db.Memberships.Where(m => m.UserId == bo.UserId).ExecuteDeleteAsync(Ct);
        }

        await portal.Get<RightsWatch>().CheckAsync(Ct);
        page.WaitForAssertion(() => Assert.Contains("you are not a member of it", page.Markup, StringComparison.Ordinal));
        Assert.DoesNotContain("the page", page.Markup, StringComparison.Ordinal);
    }
}
