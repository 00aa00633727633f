using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using WebTrainer.Domain;
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

    [Fact]
    public async Task Once_PressedTwice_MakesOneThingAndShowsItTwice()
    {
        await using var browser = Browser();
        var page = browser.Render<Making>();
        await page.Find("#make").ClickAsync(new MouseEventArgs());
        await page.Find("#make").ClickAsync(new MouseEventArgs());
        Assert.Equal((1, "thing 1 thing 1"), (page.Instance.Made, page.Instance.Shown));
    }

    [Fact]
    public async Task Once_PressedWhileTheFirstRuns_MakesOneThing()
    {
        await using var browser = Browser();
        var page = browser.Render<Making>();
        page.Instance.Gate = new TaskCompletionSource();
        var first = page.Find("#make").ClickAsync(new MouseEventArgs());
        await page.Find("#make").ClickAsync(new MouseEventArgs());
        page.Instance.Gate.SetResult();
        await first;
        Assert.Equal((1, "thing 1"), (page.Instance.Made, page.Instance.Shown));
    }

    [Fact]
    public async Task Once_AfterAChangeInTheForm_MakesAnother()
    {
        await using var browser = Browser();
        var page = browser.Render<Making>();
        await page.Find("#make").ClickAsync(new MouseEventArgs());
        await page.Find("input").ChangeAsync(new ChangeEventArgs { Value = "other" });
        await page.Find("#make").ClickAsync(new MouseEventArgs());
        Assert.Equal((2, "thing 1 other 2"), (page.Instance.Made, page.Instance.Shown));
    }

    [Fact]
    public async Task Once_Refused_CanBeTriedAgain()
    {
        await using var browser = Browser();
        var page = browser.Render<Making>();
        page.Instance.Refuses = true;
        await page.Find("#make").ClickAsync(new MouseEventArgs());
        page.Instance.Refuses = false;
        await page.Find("#make").ClickAsync(new MouseEventArgs());
        Assert.Equal("thing 2", page.Instance.Shown);
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
            {
                throw new InvalidOperationException(Fault);
            }
        }
    }

    private sealed class Making : PortalPage
    {
        private string _name = "thing";

        public int Made { get; private set; }
        public string Shown { get; private set; } = "";
        public bool Refuses { get; set; }
        public TaskCompletionSource? Gate { get; set; }

        protected override void BuildRenderTree(Microsoft.AspNetCore.Components.Rendering.RenderTreeBuilder builder)
        {
            builder.OpenElement(0, "input");
            builder.AddAttribute(
                1,
                "onchange",
                EventCallback.Factory.Create<ChangeEventArgs>(this, change => _name = (string)change.Value!)
            );
            builder.CloseElement();
            builder.OpenElement(2, "button");
            builder.AddAttribute(3, "id", "make");
            builder.AddAttribute(4, "onclick", EventCallback.Factory.Create<MouseEventArgs>(this, MakeAsync));
            builder.CloseElement();
        }

        private Task MakeAsync() =>
            OnceAsync(
                async () =>
                {
                    Made++;
                    await (Gate?.Task ?? Task.CompletedTask);
                    return Refuses ? throw new RuleViolationException("Not now.") : $"{_name} {Made}";
                },
                thing =>
                {
                    Shown = $"{Shown} {thing}".Trim();
                    return Task.CompletedTask;
                }
            );
    }
}
