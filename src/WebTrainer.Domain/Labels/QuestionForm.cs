using System.Text.Json;

namespace WebTrainer.Domain.Labels;

/// <summary>The questions of a task together, and the sheets of answers that fit them.</summary>
public static class QuestionForm
{
    /// <summary>Of one task.</summary>
    public const int MaxQuestions = 20;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <exception cref="RuleViolationException">Something can't be asked so; the message says which question and why.</exception>
    public static void Check(IReadOnlyList<Question> questions)
    {
        if (questions.Count is 0 or > MaxQuestions)
        {
            throw new RuleViolationException($"A task asks 1 to {MaxQuestions} questions.");
        }

        for (var i = 0; i < questions.Count; i++)
        {
            var question = questions[i];
            question.Check();
            var earlier = questions.Take(i).ToList();
            if (earlier.Exists(q => q.Key == question.Key))
            {
                throw new RuleViolationException($"Two questions have the name '{question.Key}'; each needs its own.");
            }

            if (question.Kind == QuestionKind.Links && !earlier.Exists(q => q.Kind == QuestionKind.Spans))
            {
                throw new RuleViolationException(
                    $"Question '{question.Key}' links marks, so an earlier question has to ask for marks in the text."
                );
            }

            if (question.DependsOn is { } on && earlier.Find(q => q.Key == on.Key)?.Choices.Contains(on.Value) != true)
            {
                throw new RuleViolationException(
                    $"Question '{question.Key}' waits for '{on.Value}' at '{on.Key}', which no earlier question can answer."
                );
            }
        }

        if (questions.Count(q => q.Kind == QuestionKind.Rewrite) > 1)
        {
            throw new RuleViolationException("A task can ask for one better response only.");
        }
    }

    /// <summary>Whether a question is put, given the answers so far.</summary>
    public static bool IsAsked(Question question, IReadOnlyDictionary<string, string> values) =>
        question.DependsOn is not { } on || values.TryGetValue(on.Key, out var given) && given == on.Value;

    /// <summary>Checks a whole sheet; answers to questions that aren't put are left out.</summary>
    /// <returns>The sheet in its stored form.</returns>
    /// <exception cref="RuleViolationException">A required answer is missing, or one does not fit.</exception>
    public static string Accept(IReadOnlyList<Question> questions, IReadOnlyDictionary<string, string> values, ItemShape shape)
    {
        var accepted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var question in questions)
        {
            if (!IsAsked(question, accepted))
            {
                continue;
            }

            if (values.TryGetValue(question.Key, out var value) && value.Length > 0)
            {
                accepted[question.Key] = question.Accept(value, shape);
            }
            else if (question.MayFindNothing)
            {
                accepted[question.Key] = "[]"; // who marks nothing says that there is nothing
            }
            else if (question.Required)
            {
                throw new RuleViolationException($"“{question.Text}” has no answer yet.");
            }
        }

        CheckLinks(questions, accepted);
        return accepted.Count > 0 ? Write(accepted) : throw new RuleViolationException("Answer at least one question.");
    }

    /// <summary>The marks of a sheet, of all its questions, in the order of the text.</summary>
    public static IReadOnlyList<SpanMark> Marks(IReadOnlyList<Question> questions, IReadOnlyDictionary<string, string> values) =>
        [
            .. questions
                .Where(q => q.Kind == QuestionKind.Spans && IsAsked(q, values) && values.ContainsKey(q.Key))
                .SelectMany(q => JsonSerializer.Deserialize<SpanMark[]>(values[q.Key], s_json)!)
                .Distinct()
                .OrderBy(mark => mark.Start)
                .ThenBy(mark => mark.End),
        ];

    private static void CheckLinks(IReadOnlyList<Question> questions, SortedDictionary<string, string> accepted)
    {
        foreach (var question in questions.Where(q => q.Kind == QuestionKind.Links && accepted.ContainsKey(q.Key)))
        {
            var marks = Marks(questions, accepted);
            var links = JsonSerializer.Deserialize<SpanLink[]>(accepted[question.Key], s_json)!;
            if (links.FirstOrDefault(link => !marks.Contains(link.From) || !marks.Contains(link.To)) is { } loose)
            {
                var end = marks.Contains(loose.From) ? loose.To : loose.From;
                throw new RuleViolationException(
                    $"“{question.Text}”: a link leads to '{end.Label}' from {end.Start} to {end.End}, which isn't marked."
                );
            }
        }
    }

    /// <summary>Writes a sheet as JSON with its keys in ordinal order, so that equal sheets are equal strings.</summary>
    public static string Write(IReadOnlyDictionary<string, string> values) =>
        JsonSerializer.Serialize(new SortedDictionary<string, string>(values.ToDictionary(), StringComparer.Ordinal), s_json);

    /// <returns>The answers by question; empty for null.</returns>
    public static IReadOnlyDictionary<string, string> Read(string? sheet) =>
        sheet is null ? new Dictionary<string, string>() : JsonSerializer.Deserialize<Dictionary<string, string>>(sheet, s_json)!;
}
