using System.Text.RegularExpressions;

namespace WebTrainer.Scoring.Benchmarks;

/// <summary>One way of saying the same in other words.</summary>
/// <param name="Metric">Under which it is reported.</param>
/// <param name="Apply">The text so rewritten; null where the rule doesn't fit it.</param>
public sealed record Rewrite(string Metric, Func<string, Random, string?> Apply);

/// <summary>
/// Rewrites of English texts by rules that keep the meaning: a rule applies only where its form is certain, and leaves every other text
/// alone. They are few and plain on purpose; a person's own paraphrase goes further.
/// </summary>
public static partial class Paraphrase
{
    /// <summary>Metrics: the share of right answers to the rows that each rule fits.</summary>
    public const string Polite = "right_polite",
        Contractions = "right_contractions",
        QuestionForm = "right_question_form",
        ClauseOrder = "right_clause_order",
        Synonyms = "right_synonyms";

    /// <summary>More words at once would drift from the meaning.</summary>
    private const int MostSynonyms = 3;

    /// <summary>Words of a thing that a question is about; longer ones may hold a clause of their own.</summary>
    private const int MostWordsOfThing = 7;

    /// <summary>In the order in which they are reported.</summary>
    public static IReadOnlyList<Rewrite> All { get; } =
    [
        new(Polite, BePolite),
        new(Contractions, (text, _) => Contract(text)),
        new(QuestionForm, (text, _) => AskOtherwise(text)),
        new(ClauseOrder, (text, _) => TurnClauses(text)),
        new(Synonyms, (text, _) => ChangeWords(text)),
    ];

    private static readonly string[] s_openings =
    [
        "Hello, ",
        "Please tell me: ",
        "Quick question: ",
        "Hi there. ",
        "Could you help me with this? ",
        "I have a question. ",
    ];
    private static readonly string[] s_endings = [" Thanks!", " Thank you.", " Thanks in advance.", "", ""];

    /// <summary>Long and short forms that mean the same whatever stands around them.</summary>
    private static readonly (string Long, string Short)[] s_contractions =
    [
        ("do not", "don't"),
        ("does not", "doesn't"),
        ("did not", "didn't"),
        ("is not", "isn't"),
        ("are not", "aren't"),
        ("was not", "wasn't"),
        ("were not", "weren't"),
        ("cannot", "can't"),
        ("could not", "couldn't"),
        ("will not", "won't"),
        ("would not", "wouldn't"),
        ("should not", "shouldn't"),
        ("have not", "haven't"),
        ("has not", "hasn't"),
        ("had not", "hadn't"),
        ("I am", "I'm"),
        ("I have", "I've"),
        ("I will", "I'll"),
        ("you are", "you're"),
        ("you have", "you've"),
        ("we are", "we're"),
        ("we have", "we've"),
        ("they are", "they're"),
        ("it will", "it'll"),
        ("what is", "what's"),
        ("that is", "that's"),
        ("there is", "there's"),
        ("where is", "where's"),
        ("who is", "who's"),
    ];

    /// <summary>Pairs with one sense in nearly all texts; each stands for the other.</summary>
    private static readonly (string, string)[] s_synonyms =
    [
        ("buy", "purchase"),
        ("begin", "start"),
        ("big", "large"),
        ("assist", "help"),
        ("physician", "doctor"),
        ("physicians", "doctors"),
        ("illness", "sickness"),
        ("quickly", "rapidly"),
        ("often", "frequently"),
        ("maybe", "perhaps"),
        ("mobile phone", "cell phone"),
        ("incorrect", "wrong"),
        ("error", "mistake"),
        ("allowed", "permitted"),
        ("nearly", "almost"),
        ("entire", "whole"),
        ("automobile", "car"),
        ("injured", "hurt"),
        ("medication", "medicine"),
        ("medications", "medicines"),
        ("currently", "at the moment"),
        ("immediately", "at once"),
        ("require", "need"),
        ("requires", "needs"),
        ("obtain", "get"),
        ("reply", "answer"),
        ("show", "display"),
        ("cancel", "call off"),
        ("delayed", "late"),
        ("children", "kids"),
        ("happen", "occur"),
        ("happens", "occurs"),
        ("caused by", "due to"),
    ];

    private static string BePolite(string text, Random random) =>
        s_openings[random.Next(s_openings.Length)] + text.Trim() + s_endings[random.Next(s_endings.Length)];

    /// <summary>All short forms made long; where there is none, all long ones made short.</summary>
    private static string? Contract(string text)
    {
        var longer = s_contractions.Aggregate(text, (so, pair) => Replace(so, pair.Short, pair.Long));
        if (longer != text)
        {
            return longer;
        }

        var shorter = s_contractions.Aggregate(text, (so, pair) => Replace(so, pair.Long, pair.Short));
        return shorter == text ? null : shorter;
    }

    private static string? AskOtherwise(string text)
    {
        var asked = text.Trim();
        if (HowDoI().Match(asked) is { Success: true } how)
        {
            return $"I would like to know how to {how.Groups["rest"].Value}.";
        }

        if (CanI().Match(asked) is { Success: true } can)
        {
            return $"Is it possible for me to {can.Groups["rest"].Value}?";
        }

        if (IsItPossible().Match(asked) is { Success: true } possible)
        {
            return $"Can I {possible.Groups["rest"].Value}?";
        }

        if (WhatIs().Match(asked) is { Success: true } what && IsThing(what.Groups["thing"].Value))
        {
            return $"Can you tell me what {what.Groups["thing"].Value} {what.Groups["be"].Value.ToLowerInvariant()}?";
        }

        return IWant().Match(asked) is { Success: true } want ? $"I would like to {want.Groups["rest"].Value}" : null;
    }

    /// <summary>"If A, B" and "B if A", where one sentence has one such word.</summary>
    private static string? TurnClauses(string text)
    {
        var said = text.Trim();
        if (Fronted().Match(said) is { Success: true } fronted)
        {
            return $"{Upper(fronted.Groups["main"].Value)} {Lower(fronted.Groups["word"].Value)} {fronted.Groups["clause"].Value}{fronted.Groups["end"].Value}";
        }

        return Following().Match(said) is { Success: true } following
            ? $"{Upper(following.Groups["word"].Value)} {following.Groups["clause"].Value}, {Lower(following.Groups["main"].Value)}{following.Groups["end"].Value}"
            : null;
    }

    private static string? ChangeWords(string text)
    {
        var changed = text;
        var left = MostSynonyms;
        foreach (var (one, other) in s_synonyms)
        {
            if (left == 0)
            {
                break;
            }

            var next =
                Replace(text, one, other) != text ? Replace(changed, one, other)
                : Replace(text, other, one) != text ? Replace(changed, other, one)
                : changed;
            left -= next == changed ? 0 : 1;
            changed = next;
        }

        return changed == text ? null : changed;
    }

    private static bool IsThing(string thing) => thing.Split(' ').Length <= MostWordsOfThing && !Clause().IsMatch(thing);

    /// <summary>Whole words only; a capital at the beginning stays one.</summary>
    private static string Replace(string text, string from, string to)
    {
        var at = 0;
        while ((at = text.IndexOf(from, at, StringComparison.OrdinalIgnoreCase)) >= 0)
        {
            var end = at + from.Length;
            if ((at > 0 && IsWord(text[at - 1])) || (end < text.Length && IsWord(text[end])))
            {
                at = end;
                continue;
            }

            var put = char.IsUpper(text[at]) ? Upper(to) : to;
            (text, at) = (text[..at] + put + text[end..], at + put.Length);
        }

        return text;
    }

    private static bool IsWord(char letter) => char.IsLetterOrDigit(letter) || letter is '\'' or '’' or '-';

    private static string Upper(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>The word I stays large.</summary>
    private static string Lower(string text) =>
        text.Length == 0 || text.StartsWith("I ", StringComparison.Ordinal) || text.StartsWith("I'", StringComparison.Ordinal)
            ? text
            : char.ToLowerInvariant(text[0]) + text[1..];

    [GeneratedRegex(
        @"^how\s+(do|can|could|should)\s+(i|you|we|one)\s+(?<rest>[^?.!]+)\?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex HowDoI();

    [GeneratedRegex(
        @"^(can|could|may)\s+i\s+(?<rest>[^?.!]+)\?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex CanI();

    [GeneratedRegex(
        @"^is\s+it\s+possible\s+(for\s+me\s+)?to\s+(?<rest>[^?.!]+)\?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex IsItPossible();

    [GeneratedRegex(
        @"^what\s+(?<be>is|are)\s+(?<thing>[^?.!,]+)\?$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex WhatIs();

    [GeneratedRegex(
        @"^i\s+(want|wish)\s+to\s+(?<rest>.+)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline,
        1000
    )]
    private static partial Regex IWant();

    [GeneratedRegex(
        @"^(?<word>if|when|because|after|before|unless|although)\s+(?<clause>[^,?.!;:]+),\s+(?<main>[^,?.!;:]+)(?<end>[?.!])$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Fronted();

    [GeneratedRegex(
        @"^(?<main>[^,?.!;:]+?)\s+(?<word>if|because|unless|although)\s+(?<clause>[^,?.!;:]+)(?<end>[?.!])$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Following();

    /// <summary>Words that begin a clause, or show that what was taken for a thing is a whole sentence.</summary>
    [GeneratedRegex(
        @"\b(that|which|who|when|if|because|going|wrong|happening|you|it|this|there|supposed|to)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Clause();
}
