using System.Globalization;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Deployments.Checking;

/// <summary>Questions that any model can be asked, where nobody has given rows.</summary>
internal static class PlainQuestions
{
    private static readonly string[] s_asks =
    [
        "What is {0}?",
        "Explain {0} to a child.",
        "Name three things about {0}.",
        "Write one sentence about {0}.",
        "Why do people need {0}?",
    ];

    private static readonly string[] s_things =
    [
        "a bridge",
        "the moon",
        "salt",
        "a letter",
        "music",
        "a clock",
        "bread",
        "the sea",
        "a law",
        "a garden",
    ];

    /// <summary>The same ones each time, in the same order.</summary>
    public static IReadOnlyList<ReplayPrompt> Take(int count) =>
        [
            .. s_asks
                .SelectMany(ask => s_things.Select(thing => string.Format(CultureInfo.InvariantCulture, ask, thing)))
                .Take(count)
                .Select((text, place) => new ReplayPrompt($"question-{place + 1}", [new ChatMessage("user", text)])),
        ];
}
