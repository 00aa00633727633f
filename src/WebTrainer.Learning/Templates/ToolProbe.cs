using System.Text.Json;

namespace WebTrainer.Learning.Templates;

/// <summary>Finds by trying what a chat template has a form for.</summary>
internal sealed class ToolProbe(JinjaEngine engine, IReadOnlyDictionary<string, string> tokens)
{
    private const string Name = "probe_of_a_tool",
        Value = "probe of an argument",
        Result = "probe of a result";

    private static readonly JsonElement s_tools = JsonSerializer.SerializeToElement(
        new[]
        {
            new
            {
                type = "function",
                function = new
                {
                    name = Name,
                    description = "Probe.",
                    parameters = new
                    {
                        type = "object",
                        properties = new { what = new { type = "string", description = "Probe." } },
                        required = new[] { "what" },
                    },
                },
            },
        }
    );

    private static readonly TemplateMessage s_question = new("user", "a"),
        s_call =
            new("assistant", null)
            {
                Calls = [new("call00001", Name, JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["what"] = Value }))],
            },
        s_result = new("tool", Result) { Name = Name, CallId = "call00001" };

    public ToolSupport Find()
    {
        var definitions = Render([s_question], tools: true, answerFollows: true).Contains(Name, StringComparison.Ordinal);
        var calls = TakesCalls(definitions);
        List<TemplateMessage> answered = [s_question, calls ? s_call : new("assistant", "b"), s_result];
        return new(definitions, calls, Render(answered, definitions, answerFollows: true).Contains(Result, StringComparison.Ordinal));
    }

    /// <summary>They are in the text, and where the model is asked for them is where the text has them.</summary>
    private bool TakesCalls(bool definitions)
    {
        var prompt = Render([s_question], definitions, answerFollows: true);
        var whole = Render([s_question, s_call], definitions, answerFollows: false);
        return prompt.Length > 0
            && whole.StartsWith(prompt, StringComparison.Ordinal)
            && whole.IndexOf(Name, prompt.Length, StringComparison.Ordinal) is >= 0 and var name
            && whole.IndexOf(Value, name, StringComparison.Ordinal) >= 0;
    }

    /// <returns>Empty where the template refuses it.</returns>
    private string Render(IReadOnlyList<TemplateMessage> messages, bool tools, bool answerFollows)
    {
        try
        {
            return engine.Render(messages, tools ? s_tools : null, tokens, answerFollows);
        }
        catch (TemplateException)
        {
            return "";
        }
    }
}
