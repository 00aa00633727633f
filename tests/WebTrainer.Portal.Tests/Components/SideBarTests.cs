using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Components.Layout;
using WebTrainer.Portal.Features.Frame;
using WebTrainer.Portal.Features.Projects;
using WebTrainer.Portal.Tests.Shared;

namespace WebTrainer.Portal.Tests.Components;

public sealed class SideBarTests
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task Administration_IsShown_ToThoseWhoMayOpenIt(bool isAdmin, int links)
    {
        await using var portal = await TestPortal.StartAsync(services => services.AddProjects());
        var person = await portal.AddUserAsync("ada");
        await using (var db = portal.OpenDb())
        {
            await db
                .Users.Where(u => u.Id == person.UserId)
                .ExecuteUpdateAsync(u => u.SetProperty(x => x.IsAdmin, isAdmin), Xunit.TestContext.Current.CancellationToken);
        }

        await using var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddMudServices();
        browser
            .Services.AddSingleton(portal.Get<ProjectService>())
            .AddSingleton(portal.Get<ProjectPath>())
            .AddSingleton(portal.Get<Authorizer>());
        browser.AddAuthorization().SetAuthorized(person.Name).SetClaims(new Claim(ClaimTypes.NameIdentifier, person.UserId));

        var bar = browser.Render<SideBar>(p => p.AddCascadingValue(new PageChrome()));

        bar.WaitForElement("nav a[href='/']");
        Assert.Equal(links, bar.FindAll("a[href^='/admin']").Count);
    }
}
