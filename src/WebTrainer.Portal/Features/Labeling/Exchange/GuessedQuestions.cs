using System.Globalization;
using System.Text.Json;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Tells by the answers of a file which questions they belong to, and gives each a name of its own.</summary>
public static class GuessedQuestions
{
    private const int MaxKey = 32;

    /// <returns>The questions by the names that the file has for them.</returns>
    public static IReadOnlyDictionary<string, Question> Of(IEnumerable<ImportedItem> items)
    {
        var (questions, keys) = (new Dictionary<string, Question>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (
            var answers in items
                .SelectMany(item => item.Sheets)
                .SelectMany(sheet => sheet.Answers)
                .GroupBy(answer => answer.Key, answer => answer.Value, StringComparer.Ordinal)
                .OrderBy(answers => answers.Any(answer => answer.Kind == QuestionKind.Links)) // marks are asked for before what links them
        )
        {
            questions[answers.Key] = Guess(FreeKey(answers.Key, keys), answers.Key, [.. answers]) with { Required = false };
        }

        return questions;
    }

    /// <summary>A few values that come again and again are labels, others free text; numbers with halves are labels too.</summary>
    private static Question Guess(string key, string name, List<ImportedAnswer> answers)
    {
        var text = name[..Math.Min(name.Length, Question.MaxTextLength)];
        var kinds = answers.Where(a => a is not { Kind: QuestionKind.ChooseMany, Value: "[]" }).Select(a => a.Kind).ToHashSet();
        if (kinds.Contains(QuestionKind.Spans))
        {
            return Question.New(
                QuestionKind.Spans,
                key,
                text,
                Distinct(
                    answers
                        .Where(a => a.Kind == QuestionKind.Spans)
                        .SelectMany(a => JsonSerializer.Deserialize<SpanMark[]>(a.Value, JsonSerializerOptions.Web)!)
                        .Select(mark => mark.Label)
                )
            );
        }

        if (kinds.Contains(QuestionKind.Links))
        {
            return Question.New(
                QuestionKind.Links,
                key,
                text,
                Distinct(
                    answers
                        .Where(a => a.Kind == QuestionKind.Links)
                        .SelectMany(a => JsonSerializer.Deserialize<SpanLink[]>(a.Value, JsonSerializerOptions.Web)!)
                        .Select(link => link.Label)
                )
            );
        }

        if (kinds.Contains(QuestionKind.Rank))
        {
            return Question.New(QuestionKind.Rank, key, text, Distinct(answers.Where(a => a.Kind == QuestionKind.Rank).SelectMany(Texts)));
        }

        if (
            kinds.Contains(QuestionKind.ChooseMany)
            && Distinct(answers.SelectMany(Texts)) is { Count: > 0 and <= Question.MaxOptions } several
        )
        {
            return Question.New(QuestionKind.ChooseMany, key, text, several) with { Min = 0 };
        }

        if (kinds.SetEquals([QuestionKind.Rate]) && Points(key, text, answers) is { } points)
        {
            return points;
        }

        var options = kinds.Contains(QuestionKind.Text) ? [] : Distinct(answers.Select(a => a.Value));
        return options.Count is >= 2 and <= Question.MaxOptions
            ? Question.New(QuestionKind.Choose, key, text, options)
            : Question.New(QuestionKind.Text, key, text);
    }

    private static Question? Points(string key, string text, List<ImportedAnswer> answers)
    {
        var points = answers.Select(a => int.TryParse(a.Value, CultureInfo.InvariantCulture, out var point) ? point : (int?)null).ToList();
        if (points.Exists(p => p is null or < 0))
        {
            return null;
        }

        var (least, most) = (Math.Min(1, points.Min()!.Value), Math.Max(5, points.Max()!.Value));
        return most - least < Question.MaxPoints ? Question.New(QuestionKind.Rate, key, text) with { Min = least, Max = most } : null;
    }

    /// <summary>Of an answer that is a list, its texts: one of another kind may begin with a bracket too.</summary>
    private static IEnumerable<string> Texts(ImportedAnswer answer) =>
        answer.Kind is QuestionKind.ChooseMany or QuestionKind.Rank ? TextList.Read(answer.Value) : [answer.Value];

    private static List<string> Distinct(IEnumerable<string> values) =>
        [.. values.Where(value => !string.IsNullOrWhiteSpace(value)).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>
    /// A name as questions have them; names of other scripts have no letters that may stay, so that a number tells them apart.
    /// </summary>
    private static string FreeKey(string name, HashSet<string> taken)
    {
        var key = string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')).Trim('_');
        key = key.Length == 0 || !char.IsAsciiLetter(key[0]) ? ("q_" + key).TrimEnd('_') : key;
        key = key[..Math.Min(MaxKey, key.Length)];
        var free = key;
        for (var copy = 2; !taken.Add(free); copy++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{key[..Math.Min(MaxKey - 5, key.Length)]}_{copy}");
        }

        return free;
    }
}
