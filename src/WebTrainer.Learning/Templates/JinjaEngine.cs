using System.Text.Json;
using WebTrainer.Learning.Templates.Jinja;

namespace WebTrainer.Learning.Templates;

/// <summary>A chat template's code failed, or took more than it may.</summary>
public sealed class TemplateException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Renders a Jinja chat template as Jinja2 3.1 does in the way in which transformers calls it. A template reaches neither files nor
/// network, changes nothing that it is given, and is ended when it takes too long, writes too much, or calls itself too deeply. One engine
/// may be used by several threads.
/// </summary>
public sealed class JinjaEngine
{
    /// <summary>Longest template that is read, in UTF-16 units; a longer one is refused before it is parsed.</summary>
    private const int MaxTemplateCharacters = 200_000;

    /// <summary>A template that asks for today's date gets this one: each day would make every run another one.</summary>
    private const string FixedDate = "26 Jul 2024";
    private readonly IReadOnlyList<Statement> _template;
    private readonly (string Begin, string End)? _generationMarks;

    /// <param name="template">Jinja text.</param>
    /// <param name="generationMarks">Texts to write around what the template says that the model writes (<c>{% generation %}</c>); nothing
    /// if null.</param>
    /// <exception cref="TemplateException">The template is too long, or none.</exception>
    public JinjaEngine(string template, (string Begin, string End)? generationMarks = null)
    {
        if (template.Length > MaxTemplateCharacters)
        {
            throw new TemplateException($"The chat template has {template.Length} characters; {MaxTemplateCharacters} are read.");
        }

        (_template, _generationMarks) = (Guard(() => Parser.Parse(template)), generationMarks);
    }

    /// <param name="messages">Roles and contents.</param>
    /// <param name="tokens">Names of special tokens and their text, such as <c>bos_token</c>.</param>
    /// <param name="answerFollows">The text shall end where an answer begins.</param>
    /// <exception cref="TemplateException">The template refuses the conversation, or takes more than it may.</exception>
    public string Render(
        IReadOnlyList<(string Role, string Content)> messages,
        IReadOnlyDictionary<string, string> tokens,
        bool answerFollows
    ) => Render([.. messages.Select(message => new TemplateMessage(message.Role, message.Content))], tools: null, tokens, answerFollows);

    /// <param name="messages">Roles and contents, with what was called and given back.</param>
    /// <param name="tools">Descriptions of functions that the model may call, as OpenAI's API takes them; null for none.</param>
    /// <param name="tokens">Names of special tokens and their text, such as <c>bos_token</c>.</param>
    /// <param name="answerFollows">The text shall end where an answer begins.</param>
    /// <inheritdoc cref="Render(IReadOnlyList{ValueTuple{string, string}}, IReadOnlyDictionary{string, string}, bool)"/>
    public string Render(
        IReadOnlyList<TemplateMessage> messages,
        JsonElement? tools,
        IReadOnlyDictionary<string, string> tokens,
        bool answerFollows
    )
    {
        var variables = new PythonMap();
        variables.Set("messages", new PythonList([.. messages.Select(message => message.ToMap())]));
        variables.Set("add_generation_prompt", answerFollows);
        variables.Set("date_string", FixedDate);
        variables.Set("tools", tools is { } list ? PythonJson.Read(list) : null);
        variables.Set("documents", null);
        foreach (var (name, text) in tokens)
        {
            variables.Set(name, text);
        }

        return Render(variables);
    }

    /// <summary>Renders with any names; nothing is set beside those that are given.</summary>
    /// <param name="variables">A JSON object.</param>
    /// <exception cref="TemplateException">The template refuses what it is given, or takes more than it may.</exception>
    public string Render(JsonElement variables) => Render((PythonMap)PythonJson.Read(variables)!);

    private string Render(PythonMap variables) => Guard(() => Renderer.Render(_template, variables, _generationMarks));

    private static T Guard<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception)
            when (exception
                    is InsufficientExecutionStackException
                        or OverflowException
                        or ArgumentException
                        or FormatException
                        or InvalidOperationException
            )
        {
            throw new TemplateException(exception.Message, exception);
        }
    }
}
