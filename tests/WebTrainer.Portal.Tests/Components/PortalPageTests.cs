using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebTrainer.Portal.Components;

namespace WebTrainer.Portal.Tests.Components;

public sealed class PortalPageTests
{
    /// <summary>Such a page once started its loop again from within the loop, without end.</summary>
    [Fact]
    public async Task Follow_LoopThatLoadsThePageAgain_RunsOnce()
    {
        await using var browser = Browser();
        var page = browser.Render<Following>();
        page.WaitForAssertion(() => Assert.Equal(1, page.Instance.Rounds));
        await page.InvokeAsync(() => page.Instance.SetParametersAsync(ParameterView.Empty));
        Assert.Equal(1, page.Instance.Rounds);
    }

    [Fact]
    public async Task Follow_LoopThatFails_ReachesTheErrorBoundary()
    {
        await using var browser = Browser();
        RenderFragment failing = builder =>
        {
            builder.OpenComponent<Following>(0);
            builder.AddComponentParameter(1, nameof(Following.Fails), true);
            builder.CloseComponent();
        };
        var boundary = browser.Render<ErrorBoundary>(p => p.Add(b => b.ChildContent, failing).Add(b => b.ErrorContent, ex => ex.Message));
        boundary.WaitForAssertion(() => boundary.MarkupMatches(Following.Fault));
    }

    private static BunitContext Browser()
    {
        var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.Services.AddMudServices();
        browser.AddAuthorization().SetAuthorized("Ada").SetClaims(new Claim(ClaimTypes.NameIdentifier, "1"));
        return browser;
    }

    private sealed class Following : PortalPage
    {
        public const string Fault = "the source is gone";

        public int Rounds { get; private set; }

        [Parameter]
        public bool Fails { get; set; }

        protected override Task LoadAsync()
        {
            Follow(LoopAsync);
            return Task.CompletedTask;
        }

        private async Task LoopAsync()
        {
            Rounds++;
            await LoadAsync();
            if (Fails)
                throw new InvalidOperationException(Fault);
        }
    }
}
