using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>What people do to a page in a hurry, on a bad line and with two windows: nothing is lost, wrong or done twice.</summary>
public sealed class NothingLostTests
{
    private const string Csv = "text,category\nMy card is lost,a\nWhere is my money,b\nPay me,c\nHello,a\n";

    [Fact]
    public async Task Labeling_CutConnectionReloadAndMouse_StoreWhatWasChosenLast()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var chrome = await Chrome.LaunchAsync();
        var ada = await chrome.NewPersonAsync("ada", portal);
        var line = await Line.OfAsync(ada.Page);
        await ada.SetUpAsync();
        var project = await ada.MakeProjectAsync("Bank messages");
        using var api = new Api(portal, await ada.MakeTokenAsync());
        var upload = await api.UploadAsync(project, "messages.csv", Csv);
        var made = await api.PostAsync(
            $"projects/{project}/datasets",
            new { name = "Messages", uploadId = upload.GetProperty("id").GetGuid() }
        );
        var task = await LabelingTests.NewTaskAsync(api, project, made.GetProperty("id").GetGuid());
        await OpenAsync(ada, project, task);

        // Pressed when the item shows and its page does not answer yet.
        await PressEarlyAsync(ada, "2");
        await Expect(ada.Page.Locator("[aria-checked=true]")).ToHaveTextAsync(new Regex("b"));

        // Pressed while the line was cut, and Enter as soon as it is back.
        await PressAsync(ada, "1");
        await Expect(ada.Page.Locator("[aria-checked=true]")).ToHaveTextAsync(new Regex("a"));
        var first = await ItemAsync(ada);
        await line.CutAsync();
        await PressAsync(ada, "3");
        line.Mend();
        await PressAsync(ada, "Enter");
        await Expect(ada.Test("count")).ToContainTextAsync("1 of 4");

        // Pressed while it was cut, then the page was loaded again.
        await Expect(ada.Test("interactive")).ToBeVisibleAsync();
        var second = await ItemAsync(ada);
        await line.CutAsync();
        await PressAsync(ada, "2");
        await PressAsync(ada, "Enter");
        line.Mend();
        await ada.Page.ReloadAsync();
        await Expect(ada.Test("count")).ToContainTextAsync("2 of 4");

        // After a click with the mouse Enter is meant for the answer.
        var third = await ItemAsync(ada);
        await ada.Test("help").ClickAsync();
        await Expect(ada.Test("keys")).ToBeVisibleAsync();
        await PressAsync(ada, "2");
        await Expect(ada.Page.Locator("[aria-checked=true]")).ToHaveTextAsync(new Regex("b"));
        await PressAsync(ada, "Enter");
        await Expect(ada.Test("count")).ToContainTextAsync("3 of 4");

        // Changed after Undo: it says so, until it is submitted.
        await PressAsync(ada, "u");
        await Expect(ada.Test("saved")).ToHaveTextAsync("Submitted");
        await ada.Page.Locator("[data-value=c]").ClickAsync();
        await Expect(ada.Test("saved")).ToHaveTextAsync("Changed, not submitted yet");

        // What was written to the lead, and then nothing of it is left in this browser.
        await ada.Test("note").ClickAsync();
        await ada.Test("reason").FillAsync("Two questions in one");
        await ada.Test("send-reason").ClickAsync();
        await Expect(ada.Test("saved")).ToHaveTextAsync("Sent to the lead");
        Assert.DoesNotContain("Two questions", await StorageAsync(ada), StringComparison.Ordinal);
        await ada.GoAsync("/account/sign-out");
        await ada.Page.ClickAsync("button[type=submit]");
        await ada.Page.WaitForURLAsync(new Regex("/account/sign-in"));
        Assert.DoesNotMatch(@"webtrainer\.(out|text)", await StorageAsync(ada));

        var stored = System.Text.Encoding.UTF8.GetString(await api.DownloadAsync($"projects/{project}/labels/{task}/export?format=jsonl"));
        var answers = stored
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement)
            .Select(l => l.TryGetProperty("label.annotator_1", out var given) ? given.GetString() : null)
            .OfType<string>();
        Assert.Equal(3, new HashSet<string> { first, second, third }.Count);
        Assert.Equal(["b", "b", "c"], answers.Order());
    }

    [Fact]
    public async Task DoubleClicks_MakeOneOfEach()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var chrome = await Chrome.LaunchAsync();
        var ada = await chrome.NewPersonAsync("ada", portal);
        await ada.SetUpAsync();
        await ada.GoAsync("/");
        await ada.Test("new-project").First.ClickAsync();
        await ada.Page.FillAsync("#project-name", "Once");
        await ada.Test("create-project").DblClickAsync();
        await Expect(ada.Test("steps")).ToBeVisibleAsync();
        var project = Guid.Parse(new Uri(ada.Page.Url).Segments[^1]);

        await ada.GoAsync("/account/tokens");
        await ada.Page.FillAsync("#token-name", "once");
        await ada.Test("create-token").DblClickAsync();
        using var api = new Api(portal, await ada.Test("secret-value").InnerTextAsync());
        await Expect(ada.Page.GetByText("once", new() { Exact = true })).ToHaveCountAsync(1);
        Assert.Equal(1, (await api.GetAsync("projects")).GetArrayLength());

        await ada.GoAsync($"/p/{project}/members");
        await ada.Test("invite").DblClickAsync();
        await Expect(ada.Test("secret-value")).ToBeVisibleAsync();
        await Expect(ada.Test("invitations").Locator("tbody tr")).ToHaveCountAsync(1);

        await api.PublishAsync(project, "Questions", "questions.jsonl", SmallData.Jsonl());
        await ada.GoAsync($"/p/{project}/runs/new");
        await Expect(ada.Test("interactive")).ToBeVisibleAsync();
        await ada.Test("submit-run").DblClickAsync();
        await ada.Page.WaitForURLAsync(new Regex("/runs/[0-9a-f-]{36}$"));
        Assert.Equal(1, (await api.GetAsync($"projects/{project}/runs")).GetArrayLength());
    }

    private static async Task OpenAsync(Person person, Guid project, Guid task)
    {
        await person.GoAsync($"/p/{project}/labels/{task}/answer");
        await Expect(person.Test("interactive")).ToBeVisibleAsync();
        await Expect(person.Test("item")).ToBeVisibleAsync();
    }

    /// <summary>Loads the page again with a key that is pressed in the very moment in which the item comes up.</summary>
    private static async Task PressEarlyAsync(Person person, string key)
    {
        await person.Page.AddInitScriptAsync(
            $$"""
            new MutationObserver((_, observer) => {
                if (!document.querySelector("[data-item]")) return;
                observer.disconnect();
                if (sessionStorage.pressed) return;
                sessionStorage.pressed = "once";
                document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "{{key}}", code: "Digit{{key}}", bubbles: true }));
            }).observe(document, { childList: true, subtree: true });
            """
        );
        await person.Page.ReloadAsync();
        await Expect(person.Test("item")).ToBeVisibleAsync();
    }

    private static Task PressAsync(Person person, string key) => person.Page.Keyboard.PressAsync(key);

    private static async Task<string> ItemAsync(Person person) =>
        (await person.Page.Locator("[data-item]").GetAttributeAsync("data-item"))!;

    private static Task<string> StorageAsync(Person person) => person.Page.EvaluateAsync<string>("() => JSON.stringify(localStorage)");

    /// <summary>The connection between a page and its server, to be cut and mended.</summary>
    private sealed class Line
    {
        private readonly List<IWebSocketRoute> _open = [];
        private bool _isCut;

        public static async Task<Line> OfAsync(IPage page)
        {
            var line = new Line();
            await page.RouteWebSocketAsync(
                new Regex("/_blazor"),
                socket =>
                {
                    if (line._isCut)
                    {
                        _ = socket.CloseAsync();
                        return;
                    }

                    socket.ConnectToServer();
                    line._open.Add(socket);
                }
            );
            await page.RouteAsync(new Regex("/_blazor/negotiate"), route => line._isCut ? route.AbortAsync() : route.ContinueAsync());
            return line;
        }

        public async Task CutAsync()
        {
            _isCut = true;
            foreach (var socket in _open)
            {
                await socket.CloseAsync();
            }

            _open.Clear();
        }

        public void Mend() => _isCut = false;
    }
}
