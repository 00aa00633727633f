using Bunit;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

/// <summary>
/// Random walks of keys, cuts, lost acknowledgements, reloads and a second window, with a browser that keeps what is not acknowledged as
/// labeling.js does. What must be stored is told by what the person did to what was before them, and by nothing else.
/// </summary>
public sealed class AnswerWalkTests : AnswerPageTest
{
    private const int Steps = 80;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Walk_OneWindow_WhatWasLastChosenAndSubmittedIsStored(int seed)
    {
        var task = await TaskAsync();
        var random = new Random(seed);
        await using var window = new Window(this, task);
        var chosen = new Dictionary<string, Choices>();
        var submitted = new Dictionary<string, string>();
        for (var step = 0; step < Steps; step++)
        {
            var item = window.Item;
            switch (random.Next(12))
            {
                case < 5 when item.Length > 0:
                    var option =
                        random.Next(2) == 0 ? $"answer:{"yes no unclear".Split(' ')[random.Next(3)]}" : $"tags:{"abc"[random.Next(3)]}";
                    await window.PressAsync("pick:" + option);
                    (chosen[item] = chosen.GetValueOrDefault(item) ?? new Choices()).Pick(option);
                    break;
                case < 8 when item.Length > 0:
                    await window.PressAsync("submit");
                    if (chosen.TryGetValue(item, out var sheet) && sheet.IsComplete)
                    {
                        submitted[item] = sheet.ToString();
                    }

                    break;
                case 8:
                    await window.PressAsync("undo");
                    break;
                case 9:
                    window.Cut(random.Next(2) == 0);
                    break;
                case 10:
                    await window.ConnectAsync();
                    break;
                case 11 when random.Next(3) == 0:
                    await window.ReloadAsync();
                    break;
            }
        }

        await window.ConnectAsync();
        Assert.True(submitted.Count > 3, "The walk answered nearly nothing.");
        Assert.Equal(submitted.OrderBy(s => s.Key), (await StoredAsync()).OrderBy(s => s.Key));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Walk_TwoWindows_WhatIsStoredWasSeenByWhoSubmitted(int seed)
    {
        var task = await TaskAsync();
        var random = new Random(seed);
        await using var one = new Window(this, task);
        await using var two = new Window(this, task);
        var seen = new Dictionary<string, string>();
        for (var step = 0; step < Steps; step++)
        {
            var window = random.Next(2) == 0 ? one : two;
            var item = window.Item;
            if (item.Length == 0 || random.Next(10) == 0)
            {
                await window.PressAsync("undo");
            }
            else if (random.Next(3) > 0)
            {
                await window.PressAsync(
                    random.Next(2) == 0
                        ? $"pick:answer:{"yes no unclear".Split(' ')[random.Next(3)]}"
                        : $"pick:tags:{"abc"[random.Next(3)]}"
                );
            }
            else
            {
                var (before, shown) = (await StoredAsync(), window.Shown);
                await window.PressAsync("submit");
                var after = await StoredAsync();
                if (after.GetValueOrDefault(item) != before.GetValueOrDefault(item))
                {
                    Assert.Equal(shown, after[item]);
                }

                if (after.TryGetValue(item, out var kept))
                {
                    seen[item] = kept;
                }
            }
        }

        Assert.True(seen.Count > 2, "The walk answered nearly nothing.");
        Assert.Equal(seen.OrderBy(s => s.Key), (await StoredAsync()).OrderBy(s => s.Key));
    }

    private Task<Guid> TaskAsync()
    {
        var tags = Question.New(QuestionKind.ChooseMany, "tags", "Which apply?", "a", "b", "c") with { Required = false };
        return NewTaskAsync(
            [Labels, tags],
            new TaskRules
            {
                Overlap = 1,
                Order = ItemOrder.AsGiven,
                AgreedIsDone = false,
            },
            null,
            Ada
        );
    }

    private async Task<Dictionary<string, string>> StoredAsync()
    {
        await using var db = Portal.OpenDb();
        return (await db.Assignments.Where(a => a.Values != null).ToListAsync(Ct)).ToDictionary(
            a => a.ItemId.ToString("N"),
            a =>
            {
                var values = QuestionForm.Read(a.Values);
                return $"{values["answer"]} {string.Concat(values.TryGetValue("tags", out var tags) ? System.Text.Json.JsonSerializer.Deserialize<string[]>(tags)!.Order() : [])}";
            }
        );
    }

    /// <summary>What a person has chosen on one item.</summary>
    private sealed class Choices
    {
        private readonly SortedSet<char> _tags = [];
        private string? _answer;

        public bool IsComplete => _answer is not null;

        public void Pick(string option)
        {
            if (option.StartsWith("answer:", StringComparison.Ordinal))
            {
                _answer = option["answer:".Length..];
            }
            else if (!_tags.Remove(option[^1]))
            {
                _tags.Add(option[^1]);
            }
        }

        public override string ToString() => $"{_answer} {string.Concat(_tags)}";
    }

    /// <summary>A browser window: it numbers what is done, keeps it until it is acknowledged, and sends in order.</summary>
    private sealed class Window(AnswerWalkTests test, Guid task) : IAsyncDisposable
    {
        private readonly List<KeyPress> _waiting = [];
        private BunitContext _browser = test.BrowserOf(test.Ada);
        private IRenderedComponent<Answer>? _page;
        private string _load = $"{Guid.NewGuid():N}";
        private long _number;
        private string _frozen = "";
        private bool _isCut;
        private bool _acknowledgementIsLost;

        private IRenderedComponent<Answer> Page => _page ??= test.Open(_browser, task);

        /// <summary>The item on the screen, which stands still while the connection is cut.</summary>
        public string Item => _isCut ? _frozen : ItemOf(Page);

        public string Shown
        {
            get
            {
                var chosen = Chosen(Page).ToList();
                return $"{chosen.Find(c => c.Length > 1)} {string.Concat(chosen.Where(c => c.Length == 1).Order())}";
            }
        }

        /// <summary>
        /// As after a moment's pause: what is pressed on an item that was submitted without an answer of the server yet is meant for that
        /// item.
        /// </summary>
        public async Task PressAsync(string command)
        {
            var again = _waiting.Exists(w => w.Item == Item && w.Command is "submit" or "undo");
            _waiting.Add(new KeyPress(_load, ++_number, Item, command, 1, Again: again));
            await SendAsync();
        }

        /// <param name="loses">What is under way is done, and its acknowledgement lost.</param>
        public void Cut(bool loses) => (_frozen, _isCut, _acknowledgementIsLost) = (Item, true, loses);

        public Task ConnectAsync()
        {
            _isCut = false;
            return SendAsync();
        }

        public async Task ReloadAsync()
        {
            await _browser.DisposeAsync();
            (_browser, _page, _load, _number, _isCut) = (test.BrowserOf(test.Ada), null, $"{Guid.NewGuid():N}", 0, false);
            for (var i = 0; i < _waiting.Count; i++)
            {
                _waiting[i] = _waiting[i] with { Again = true };
            }

            await SendAsync();
        }

        public ValueTask DisposeAsync() => _browser.DisposeAsync();

        private async Task SendAsync()
        {
            if (_isCut && _acknowledgementIsLost && _waiting.Count > 0)
            {
                var lost = _waiting[0];
                _acknowledgementIsLost = false;
                // The server does it; the browser neither hears of that nor sees it. Nothing else goes out before it is acknowledged.
                await Page.InvokeAsync(() => Page.Instance.KeyAsync(lost));
            }

            while (!_isCut && _waiting.Count > 0)
            {
                var first = _waiting[0];
                await Page.InvokeAsync(() => Page.Instance.KeyAsync(first));
                _waiting.RemoveAt(0);
            }
        }
    }
}
