using System.Text.RegularExpressions;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Making;

/// <summary>A template with its slots filled.</summary>
public sealed record FilledTemplate(SlotTemplate Template, string Prompt, string? Response);

/// <summary>Fills the slots of templates.</summary>
public static partial class SlotFilling
{
    /// <summary>The names in braces, of question and answer.</summary>
    public static IEnumerable<string> SlotsOf(SlotTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return Slot()
            .Matches($"{template.Prompt} {template.Response}")
            .Select(match => match.Groups["name"].Value)
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>Fillings of all templates in turn, none twice; fewer than asked for where there are no more.</summary>
    /// <param name="count">At most.</param>
    public static IEnumerable<FilledTemplate> Fill(MakeRecipe recipe, int count)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var orders = recipe.Templates.Select((template, i) => Orders(recipe, template, i).GetEnumerator()).ToList();
        var left = count;
        while (orders.Count > 0 && left > 0)
        {
            foreach (var order in orders.ToList())
            {
                if (left == 0)
                {
                    break;
                }

                if (order.MoveNext())
                {
                    left--;
                    yield return order.Current;
                }
                else
                {
                    orders.Remove(order);
                }
            }
        }
    }

    // Every combination once, in an order that the seed decides: number k is written in the mixed base of the slots' sizes.
    private static IEnumerable<FilledTemplate> Orders(MakeRecipe recipe, SlotTemplate template, int stream)
    {
        string[] slots = [.. SlotsOf(template)];
        var all = slots.Aggregate(1L, (product, slot) => Math.Min(MostCombinations, product * recipe.Slots[slot].Count));
        foreach (var number in SplitMix.Of(recipe.Seed, stream).Permutation((int)all))
        {
            var rest = (long)number;
            var words = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var slot in slots)
            {
                var choices = recipe.Slots[slot];
                words[slot] = choices[(int)(rest % choices.Count)];
                rest /= choices.Count;
            }

            string Filled(string text) => Slot().Replace(text, match => words[match.Groups["name"].Value]);
            yield return new FilledTemplate(template, Filled(template.Prompt), template.Response is { } answer ? Filled(answer) : null);
        }
    }

    /// <summary>Of one template; the rest is never reached.</summary>
    private const long MostCombinations = 1_000_000;

    [GeneratedRegex(@"\{(?<name>[^{}\s]+)\}", RegexOptions.None, matchTimeoutMilliseconds: 2_000)]
    private static partial Regex Slot();
}
