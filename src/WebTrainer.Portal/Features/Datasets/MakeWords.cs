using WebTrainer.Domain;
using WebTrainer.Pipeline.Making;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>How pages and datasheets say what was made, and how people write down what shall be.</summary>
public static class MakeWords
{
    public static string Name(MakeMethod method) =>
        method switch
        {
            MakeMethod.TypingErrors => "Typing errors",
            MakeMethod.SwappedWords => "Words of one group for those of another",
            MakeMethod.Templates => "Templates with slots",
            _ => throw new ArgumentOutOfRangeException(nameof(method), method, null),
        };

    public static string Sentence(MakeRecipe recipe, MakeSummary summary) =>
        $"{summary.Made:N0} rows to learn from were made by rules ({Name(recipe.Method).ToLowerInvariant()}, seed {recipe.Seed}); "
        + $"{summary.Repeated:N0} were left out, for their prompt was there already, and {summary.Doubted:N0}, for real rows like them have another label.";

    /// <summary>A pair a line: <c>he = she</c>.</summary>
    /// <exception cref="RuleViolationException">A line is none; the sentence names it.</exception>
    public static IReadOnlyList<WordPair> Pairs(string text) =>
        [
            .. Lines(text)
                .Select(line =>
                    line.Text.Split('=') is [var one, var other]
                        ? new WordPair(one.Trim(), other.Trim())
                        : throw new RuleViolationException($"Line {line.Number} is no pair of words. Write one as: he = she")
                ),
        ];

    /// <summary>A template a line, behind its label: <c>card_arrival | Where is my {thing}?</c>; with an answer, a third part.</summary>
    /// <exception cref="RuleViolationException">A line is none; the sentence names it.</exception>
    public static IReadOnlyList<SlotTemplate> Templates(string text) =>
        [
            .. Lines(text)
                .Select(line =>
                    line.Text.Split('|', StringSplitOptions.TrimEntries) switch
                    {
                        [var label, var prompt] => new SlotTemplate(prompt, label),
                        [var label, var prompt, var answer] => new SlotTemplate(prompt, label.Length == 0 ? null : label, answer),
                        _ => throw new RuleViolationException(
                            $"Line {line.Number} is no template. Write one as: card_arrival | Where is my {{thing}}?"
                        ),
                    }
                ),
        ];

    /// <summary>A slot a line: <c>thing: card, new card</c>.</summary>
    /// <exception cref="RuleViolationException">A line is none, or a slot comes twice; the sentence names it.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Slots(string text)
    {
        var slots = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (number, line) in Lines(text))
        {
            if (
                line.Split(':', 2) is not [var name, var words]
                || !slots.TryAdd(name.Trim(), words.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            )
            {
                throw new RuleViolationException($"Line {number} is no slot, or its name comes twice. Write one as: thing: card, new card");
            }
        }

        return slots;
    }

    private static IEnumerable<(int Number, string Text)> Lines(string text) =>
        text.Split('\n').Select((line, i) => (i + 1, line.Trim())).Where(line => line.Item2.Length > 0);
}
