using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Writes prompts and responses anew by templates, in which names in braces stand for what the row holds.</summary>
/// <remarks>Names are <c>prompt</c>, <c>response</c>, <c>label</c>, <c>system</c> and those of columns kept beside the texts; <c>{{</c> is
/// a brace.</remarks>
public sealed record TemplateStep : CleanStep
{
    /// <summary>UTF-16 units of each template.</summary>
    public const int MaxLength = 10_000;

    /// <summary>Template of the one user message that stands for all turns before the answer.</summary>
    public string Prompt { get; init; } = "{prompt}";

    /// <summary>Empty leaves rows without a response.</summary>
    public string Response { get; init; } = "{response}";

    /// <inheritdoc/>
    public override string? Fault()
    {
        if (string.IsNullOrWhiteSpace(Prompt) || Response is null || Prompt.Length > MaxLength || Response.Length > MaxLength)
        {
            return $"The templates have at most {MaxLength:N0} characters, and the prompt is not empty.";
        }

        return Parts(Prompt) is null || Parts(Response) is null
            ? "A brace is opened and not closed; write {{ for a brace that is no name."
            : null;
    }

    internal override StepWork Begin(CleanContext context) => new TemplateWork(Parts(Prompt)!, Parts(Response)!);

    /// <returns>Texts and names in turn; null where a brace isn't closed.</returns>
    private static List<(string Text, bool IsName)>? Parts(string template)
    {
        var parts = new List<(string, bool)>();
        var text = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '{' || (i + 1 < template.Length && template[i + 1] == '{'))
            {
                text.Append(template[i]);
                if (template[i] == '{')
                {
                    i++;
                }

                continue;
            }

            var end = template.IndexOf('}', i);
            if (end < 0)
            {
                return null;
            }

            parts.Add((text.ToString(), false));
            parts.Add((template[(i + 1)..end].Trim(), true));
            text.Clear();
            i = end;
        }

        parts.Add((text.ToString(), false));
        return parts;
    }

    private sealed class TemplateWork(List<(string Text, bool IsName)> prompt, List<(string Text, bool IsName)> response) : StepWork
    {
        public override RowOutcome Apply(int index, CanonicalRow row)
        {
            if (Missing(row) is { } missing)
            {
                return new(row, $"It has no '{missing}', which the template asks for.");
            }

            var messages = new List<ChatMessage>(3);
            if (row.System is { } system)
            {
                messages.Add(new ChatMessage(ChatRoles.System, system));
            }

            messages.Add(new ChatMessage(ChatRoles.User, Fill(prompt, row)));
            if (Fill(response, row) is { Length: > 0 } answer)
            {
                messages.Add(new ChatMessage(ChatRoles.Assistant, answer));
            }

            return new(messages.SequenceEqual(row.Messages) ? row : row.With(messages, row.Label));
        }

        private string? Missing(CanonicalRow row) =>
            prompt.Concat(response).Where(p => p.IsName && Of(row, p.Text) is null).Select(p => p.Text).FirstOrDefault();

        private static string Fill(List<(string Text, bool IsName)> parts, CanonicalRow row) =>
            string.Concat(parts.Select(p => p.IsName ? Of(row, p.Text) : p.Text));

        private static string? Of(CanonicalRow row, string name) =>
            name switch
            {
                "prompt" => row.Prompt,
                "response" => row.Response,
                "label" => row.Label,
                "system" => row.System,
                _ => row.Extra.GetValueOrDefault(name),
            };
    }
}
