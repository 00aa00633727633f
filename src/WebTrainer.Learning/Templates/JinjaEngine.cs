using Jint;
using Jint.Native;
using Jint.Runtime;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Templates;

/// <summary>A chat template's code failed, or took more than it may.</summary>
public sealed class TemplateException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Renders a Jinja chat template with <c>@huggingface/jinja</c>, the ecosystem's own renderer, inside a JavaScript interpreter that reaches
/// neither files nor network, and that ends what takes too long, too much memory, or too deep a recursion.
/// </summary>
public sealed class JinjaEngine
{
    public const int MaxTemplateCharacters = 200_000;
    private const int MaxRecursion = 256,
        MaxStatements = 5_000_000;
    private const long MaxBytes = 128L << 20;

    /// <summary>A template that asks for today's date gets this one: each day would make every run another one.</summary>
    private const string FixedDate = "26 Jul 2024",
        FixedClock = "var RealDate = Date; Date = function () { return new RealDate(2024, 6, 26); };";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(10);
    private static readonly Lazy<string> s_library = new(ReadLibrary);
    private readonly Engine _engine;

    /// <exception cref="TemplateException">The template is too long, or none.</exception>
    public JinjaEngine(string template)
    {
        if (template.Length > MaxTemplateCharacters)
        {
            throw new TemplateException($"The chat template has {template.Length} characters; {MaxTemplateCharacters} are read.");
        }

        _engine = new Engine(options =>
            options
                .LimitMemory(MaxBytes)
                .TimeoutInterval(s_timeout)
                .MaxStatements(MaxStatements)
                .LimitRecursion(MaxRecursion)
                .DisableStringCompilation()
        );
        Guard(() =>
        {
            _engine.Execute(FixedClock + " var module = { exports: {} };\n" + s_library.Value);
            _engine.SetValue("source", template);
            _engine.Execute("var template = new module.exports.Template(source);");
            return JsValue.Undefined;
        });
    }

    /// <param name="messages">Roles and contents.</param>
    /// <param name="tokens">Names of special tokens and their text, such as <c>bos_token</c>.</param>
    /// <param name="answerFollows">The text shall end where an answer begins.</param>
    /// <exception cref="TemplateException">The template refuses the conversation, or takes more than it may.</exception>
    public string Render(
        IReadOnlyList<(string Role, string Content)> messages,
        IReadOnlyDictionary<string, string> tokens,
        bool answerFollows
    )
    {
        var items = System.Text.Json.JsonSerializer.Serialize(
            new
            {
                messages = messages.Select(message => new { role = message.Role, content = message.Content }),
                tokens,
                answerFollows,
                date = FixedDate,
            }
        );
        _engine.SetValue("input", items);
        return Guard(() =>
                _engine.Evaluate(
                    """
                    (function () {
                        var given = JSON.parse(input);
                        var items = Object.assign({ messages: given.messages, add_generation_prompt: given.answerFollows, date_string: given.date, tools: null, documents: null }, given.tokens);
                        return template.render(items);
                    })()
                    """
                )
            )
            .AsString();
    }

    private static JsValue Guard(Func<JsValue> run)
    {
        try
        {
            return run();
        }
        catch (Exception exception) when (exception is JintException or TimeoutException or InvalidOperationException or ArgumentException)
        {
            throw new TemplateException(exception.Message, exception);
        }
    }

    private static string ReadLibrary()
    {
        using var stream =
            typeof(JinjaEngine).Assembly.GetManifestResourceStream("jinja.cjs")
            ?? throw new ModelFileException("The template renderer is missing from the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
