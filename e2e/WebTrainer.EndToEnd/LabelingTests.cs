using System.Text.RegularExpressions;
using Microsoft.Playwright;
using WebTrainer.EndToEnd.Support;
using static Microsoft.Playwright.Assertions;

namespace WebTrainer.EndToEnd;

/// <summary>
/// Four people in four browsers: a blind task from its design to the snapshot, with a disagreement decided, without a mouse.
/// </summary>
public sealed class LabelingTests
{
    private const int Items = 3;
    private const string Attack = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1</script>";

    /// <summary>The third text tries to run scripts wherever it is shown.</summary>
    private const string Csv =
        "text,category\nMy card is lost,lost_card\nWhere is my money,refund\n\"Hello <img src=x onerror=\"\"window.hacked=1\"\"><script>window.hacked=1</script>\",refund\n";

    [Fact]
    public async Task BlindTask_FromDesignToSnapshot_ByKeyboardOnly()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var chrome = await Chrome.LaunchAsync();
        var lead = await chrome.NewPersonAsync("ada", portal);
        await lead.SetUpAsync();
        var project = await lead.MakeProjectAsync("Bank messages");
        Person[] people =
        [
            await JoinAsync(chrome, portal, lead, project, "eve", "Annotator"),
            await JoinAsync(chrome, portal, lead, project, "fay", "Annotator"),
        ];
        var reviewer = await JoinAsync(chrome, portal, lead, project, "rex", "Reviewer");
        await ImportAsync(portal, lead, project);

        var task = await DesignAsync(lead, project);
        await AnswerAsync(people[0], task, _ => "1");
        await AnswerAsync(people[1], task, text => text.Contains("lost", StringComparison.Ordinal) ? "2" : "1");
        await DecideAsync(reviewer, task);
        await SnapshotAsync(lead, task);
        foreach (var person in (Person[])[lead, reviewer, .. people])
        {
            Assert.Null(await person.Page.EvaluateAsync<string?>("() => window.hacked ?? null"));
        }
    }

    [Fact]
    public async Task KilledServer_WhatWasTypedMeanwhile_IsThereAndSent()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var chrome = await Chrome.LaunchAsync();
        var lead = await chrome.NewPersonAsync("ada", portal);
        await lead.SetUpAsync();
        var project = await lead.MakeProjectAsync("Bank messages");
        await ImportAsync(portal, lead, project);
        await lead.GoAsync($"/p/{project}/labels/new");
        await lead.Page.GetByRole(AriaRole.Button, new() { Name = "Better response" }).ClickAsync();
        await Expect(lead.Page.Locator("[data-question=better]")).ToBeVisibleAsync();
        await Expect(lead.Test("create-task")).ToBeEnabledAsync();
        await lead.Page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex("Ada") }).CheckAsync();
        await lead.Test("create-task").ClickAsync();
        await lead.Page.WaitForURLAsync(new Regex("/labels/[0-9a-f-]{36}$"));
        await lead.GoAsync(new Uri(lead.Page.Url).AbsolutePath + "/answer");
        await Expect(lead.Test("item")).ToBeVisibleAsync();
        await Expect(lead.Test("interactive")).ToBeVisibleAsync();
        await lead.Page.Keyboard.PressAsync("4");
        await Expect(lead.Page.Locator("[aria-checked=true]")).ToHaveTextAsync(new Regex("4"));
        await lead.Test("text-better").FocusAsync();
        await portal.KillAsync();
        await lead.Test("text-better").EvaluateAsync("e => e.value = ''");
        await lead.Page.Keyboard.InsertTextAsync("A better answer, typed without a server");
        await portal.RestartAsync();
        await lead.Page.ReloadAsync();
        await Expect(lead.Test("text-better")).ToHaveValueAsync("A better answer, typed without a server");
        await Expect(lead.Page.Locator("[aria-checked=true]")).ToHaveTextAsync(new Regex("4"));
        await lead.Test("text-better").FocusAsync();
        await lead.Page.Keyboard.PressAsync("Control+Enter");
        await Expect(lead.Test("count")).ToContainTextAsync("1 of 3");
    }

    [Fact]
    public async Task Comparison_AModelAnswersAndIsJudgedBlind()
    {
        await using var portal = await PortalProcess.StartAsync();
        await using var chrome = await Chrome.LaunchAsync();
        var lead = await chrome.NewPersonAsync("ada", portal);
        await lead.SetUpAsync();
        var project = await lead.MakeProjectAsync("Questions");
        using var api = new Api(portal, await lead.MakeTokenAsync());
        var version = await api.PublishAsync(project, "Questions", "questions.jsonl", SmallData.Jsonl());
        await lead.GoAsync($"/p/{project}/labels/compare");
        await Expect(lead.Test("interactive")).ToBeVisibleAsync();
        await lead.Page.FillAsync("#task-name", "Base or people");
        await lead.Page.FillAsync("#task-limit", "2");
        foreach (var name in (string[])["webtrainer-base-8m", "the rows' own responses", "Ada"])
        {
            await lead.Page.GetByRole(AriaRole.Checkbox, new() { NameRegex = new Regex(name) }).CheckAsync();
        }

        await lead.Page.FillAsync("#max-tokens", "12");
        await lead.ShowAsync("labeling-compare");
        await lead.Test("create-comparison").ClickAsync();
        await lead.Page.WaitForURLAsync(new Regex("/ranking$"));
        var task = new Uri(lead.Page.Url).AbsolutePath[..^"/ranking".Length];
        await Expect(lead.Test("ranking")).ToBeVisibleAsync();
        await Expect(lead.Test("writing")).ToHaveCountAsync(0, new() { Timeout = Patience.Job });

        await lead.GoAsync(task + "/answer");
        await Expect(lead.Test("interactive")).ToBeVisibleAsync();
        await Expect(lead.Test("candidate-1")).ToBeVisibleAsync();
        Assert.DoesNotMatch("webtrainer-base|dataset", await lead.Page.Locator("main").InnerHTMLAsync());
        await lead.ShowAsync("labeling-pair");
        for (var item = 0; item < 2; item++)
        {
            await Expect(lead.Test("count")).ToHaveTextAsync(new Regex($"^{item} of 2"));
            await lead.Page.Locator("body").EvaluateAsync("() => document.activeElement?.blur()");
            await lead.Page.Keyboard.PressAsync(
                (await lead.Test("candidate-0").InnerTextAsync()).Contains("It is", StringComparison.Ordinal) ? "1" : "2"
            );
            await Expect(lead.Page.Locator("[aria-checked=true]")).ToHaveCountAsync(1);
            await lead.Page.Keyboard.PressAsync("Control+Enter");
        }

        await Expect(lead.Page.GetByText("All done")).ToBeVisibleAsync();
        await lead.GoAsync(task + "/ranking");
        await Expect(lead.Test("ranking").Locator("tbody tr").First).ToContainTextAsync("dataset");
        await lead.ShowAsync("labeling-ranking");
    }

    /// <summary>A task of one question for the one who asks, made by API.</summary>
    internal static async Task<Guid> NewTaskAsync(Api api, Guid project, Guid version, int limit = 20)
    {
        var me = (await api.GetAsync($"projects/{project}/labels/people"))[0].GetProperty("userId").GetString();
        var task = await api.PostAsync(
            $"projects/{project}/labels",
            new
            {
                versionId = version,
                name = "By API",
                assignees = new[] { me },
                rules = new { overlap = 1, maxOverlap = 5 },
                rows = new { limit },
                questions = new[]
                {
                    new
                    {
                        key = "label",
                        kind = "Choose",
                        text = "Which?",
                        options = new[] { "a", "b", "c" },
                    },
                },
            }
        );
        return task.GetProperty("id").GetGuid();
    }

    private static async Task<Person> JoinAsync(Chrome chrome, PortalProcess portal, Person lead, Guid project, string name, string role)
    {
        var person = await chrome.NewPersonAsync(name, portal);
        await person.JoinAsync(await lead.InviteAsync(project, role));
        return person;
    }

    private static async Task ImportAsync(PortalProcess portal, Person lead, Guid project)
    {
        using var api = new Api(portal, await lead.MakeTokenAsync());
        var upload = await api.UploadAsync(project, "messages.csv", Csv);
        await api.PostAsync($"projects/{project}/datasets", new { name = "Messages", uploadId = upload.GetProperty("id").GetGuid() });
    }

    private static async Task<string> DesignAsync(Person lead, Guid project)
    {
        await lead.GoAsync($"/p/{project}/labels/new");
        await Expect(lead.Test("interactive")).ToBeVisibleAsync();
        await Expect(lead.Page.Locator("[data-question=label]")).ToBeVisibleAsync();
        await TabToAsync(lead, "#task-name");
        await lead.Page.Keyboard.TypeAsync("Which intent");
        await TabToAsync(lead, "#task-guidelines");
        await lead.Page.Keyboard.PressAsync("Control+A");
        await lead.Page.Keyboard.TypeAsync("# Read it twice\n[no](javascript:window.hacked=1) " + Attack);
        foreach (var name in (string[])["Eve", "Fay"])
        {
            await TabToAsync(lead, $"input[type=checkbox]", name);
            await lead.Page.Keyboard.PressAsync("Space");
        }

        await lead.ShowAsync("labeling-design");
        await TabToAsync(lead, "[data-test=create-task]");
        await lead.Page.Keyboard.PressAsync("Enter");
        await lead.Page.WaitForURLAsync(new Regex("/labels/[0-9a-f-]{36}$"));
        return new Uri(lead.Page.Url).AbsolutePath;
    }

    private static async Task AnswerAsync(Person person, string task, Func<string, string> key)
    {
        await person.GoAsync(task + "/answer");
        await Expect(person.Test("interactive")).ToBeVisibleAsync();
        await Expect(person.Test("item")).ToBeVisibleAsync();
        await person.Page.Keyboard.PressAsync("g");
        await Expect(person.Test("guidelines-text")).ToContainTextAsync("Read it twice");
        await person.ShowAsync("labeling-answer");
        await person.Page.Locator("body").EvaluateAsync("() => document.activeElement?.blur()");
        for (var done = 0; done < Items; done++)
        {
            await Expect(person.Test("count")).ToHaveTextAsync(new Regex($"^{done} of {Items}"));
            var digit = key(await person.Test("item").InnerTextAsync());
            await person.Page.Keyboard.PressAsync(digit);
            await Expect(person.Page.Locator("[aria-checked=true]")).ToHaveCountAsync(1);
            await person.Page.Keyboard.PressAsync("Enter");
        }

        await Expect(person.Page.GetByText("All done")).ToBeVisibleAsync();
    }

    private static async Task DecideAsync(Person reviewer, string task)
    {
        await reviewer.GoAsync(task + "/review");
        await Expect(reviewer.Test("interactive")).ToBeVisibleAsync();
        await Expect(reviewer.Test("answers")).ToBeVisibleAsync();
        await Expect(reviewer.Test("item")).ToContainTextAsync("lost");
        Assert.DoesNotMatch("Eve|Fay", await reviewer.Page.Locator("main").InnerTextAsync());
        await reviewer.ShowAsync("labeling-decide");
        await reviewer.Page.Locator("body").EvaluateAsync("() => document.activeElement?.blur()");
        await reviewer.Page.Keyboard.PressAsync("2");
        await reviewer.Page.Keyboard.PressAsync("Enter");
        await Expect(reviewer.Page.GetByText("Nothing to decide")).ToBeVisibleAsync();
    }

    private static async Task SnapshotAsync(Person lead, string task)
    {
        await lead.GoAsync(task);
        await Expect(lead.Test("interactive")).ToBeVisibleAsync();
        await Expect(lead.Test("agreement").First).ToBeVisibleAsync();
        await Expect(lead.Test("people")).Not.ToContainTextAsync("Eve");
        await lead.ShowAsync("labeling-task");
        await TabToAsync(lead, "[data-test=snapshot]");
        await lead.Page.Keyboard.PressAsync("Enter");
        await Expect(lead.Test("merge-changes")).ToBeVisibleAsync();
        await lead.ShowAsync("labeling-merge");
        await TabToAsync(lead, "[data-test=merge]");
        await lead.Page.Keyboard.PressAsync("Enter");
        await Expect(lead.Test("made")).ToContainTextAsync($"{Items} rows");
        await TabToAsync(lead, "[data-test=close]");
        await lead.Page.Keyboard.PressAsync("Enter");
        await Expect(lead.Page.Locator(".mud-dialog")).ToBeVisibleAsync();
        await TabToAsync(lead, ".mud-dialog button", "Close the task");
        await lead.Page.Keyboard.PressAsync("Enter");
        await Expect(lead.Test("people")).ToContainTextAsync("Eve");
    }

    /// <summary>Presses Tab until an element has the focus.</summary>
    private static async Task TabToAsync(Person person, string selector, string text = "")
    {
        for (var pressed = 0; pressed < 150; pressed++)
        {
            if (
                await person.Page.EvaluateAsync<bool>(
                    "([selector, text]) => document.activeElement.matches(selector) && (document.activeElement.closest('label') ?? document.activeElement).textContent.includes(text)",
                    new[] { selector, text }
                )
            )
            {
                return;
            }

            await person.Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab does not lead to {selector} {text}.");
    }
}
