using System.Globalization;
using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>A conversation as a template takes it, with its tools where the template has a form for them.</summary>
internal sealed record ToolMessages(IReadOnlyList<TemplateMessage> Messages, JsonElement? Tools)
{
    /// <exception cref="DataException">An answer's calls can't be read any more.</exception>
    public static ToolMessages Of(IReadOnlyList<ChatMessage> messages, ToolSupport support)
    {
        var (written, names) = (new List<TemplateMessage>(), new List<string>());
        foreach (var message in messages)
        {
            written.Add(Of(message, support, names));
        }

        return new(
            written,
            support.Definitions ? messages.Select(message => message.Tools).FirstOrDefault(tools => tools is not null) : null
        );
    }

    /// <summary>All words of people and models in it.</summary>
    public IEnumerable<string> Words =>
        Messages
            .SelectMany(message =>
                (message.Calls ?? [])
                    .SelectMany(call => JsonWords.In(call.Arguments).Append(call.Name))
                    .Concat(new[] { message.Content, message.Name }.OfType<string>())
            )
            .Concat(Tools is { } tools ? JsonWords.In(tools) : []);

    public ToolMessages Map(Func<string, string> map) =>
        new(
            [
                .. Messages.Select(message =>
                    message with
                    {
                        Content = message.Content is { } content ? map(content) : null,
                        Name = message.Name is { } name ? map(name) : null,
                        Calls = message.Calls is { } calls
                            ? [.. calls.Select(call => call with { Name = map(call.Name), Arguments = JsonWords.Map(call.Arguments, map) })]
                            : null,
                    }
                ),
            ],
            Tools is { } tools ? JsonWords.Map(tools, map) : null
        );

    private static TemplateMessage Of(ChatMessage message, ToolSupport support, List<string> names)
    {
        if (message.Calls is { } count)
        {
            var (said, calls) =
                ToolText.Read(message.Content, count)
                ?? throw new DataException("An answer's calls of tools can't be read any more: somebody has changed their text.");
            var before = names.Count;
            names.AddRange(calls.Select(call => call.Name));
            return support.Calls
                ? new TemplateMessage(message.Role, said.Length > 0 ? said : null)
                {
                    Calls = [.. calls.Select((call, i) => new TemplateCall(IdOf(before + i + 1), call.Name, call.Arguments))],
                }
                : new(message.Role, message.Content);
        }

        return message.Result is { } number && support.Results
            ? new TemplateMessage("tool", message.Content)
            {
                Name = message.Tool ?? (number > 0 && number <= names.Count ? names[number - 1] : null),
                CallId = number > 0 ? IdOf(number) : null,
            }
            : new(message.Role, message.Content);
    }

    /// <summary>Nine letters and digits, as Mistral's templates ask for; others take any.</summary>
    private static string IdOf(int number) => string.Create(CultureInfo.InvariantCulture, $"call{number:00000}");
}
