using System.Text.Json;
using WebTrainer.Learning.Templates.Jinja;

namespace WebTrainer.Learning.Templates;

/// <summary>A message as templates see it, in the shape of OpenAI's API.</summary>
/// <param name="Role">Such as <c>user</c>; which ones there are is the template's to say.</param>
/// <param name="Content">Null in an answer that only calls tools.</param>
public sealed record TemplateMessage(string Role, string? Content)
{
    /// <summary>Tools that an answer calls; null where it calls none.</summary>
    public IReadOnlyList<TemplateCall>? Calls { get; init; }

    /// <summary>Name of the tool whose result this is; null where it is none.</summary>
    public string? Name { get; init; }

    /// <summary>Id of the call whose result this is; null where it is none.</summary>
    public string? CallId { get; init; }

    internal object ToMap()
    {
        var map = new PythonMap();
        map.Set("role", Role);
        map.Set("content", Content);
        if (Calls is { } calls)
        {
            map.Set("tool_calls", new PythonList([.. calls.Select(call => call.ToMap())]));
        }

        if (Name is { } name)
        {
            map.Set("name", name);
        }

        if (CallId is { } id)
        {
            map.Set("tool_call_id", id);
        }

        return map;
    }
}

/// <summary>A call of a tool in an answer, which templates see as one of <c>tool_calls</c>, of the type <c>function</c>.</summary>
/// <param name="Id">By which its result names it.</param>
/// <param name="Name">Of the tool.</param>
/// <param name="Arguments">An object; a text where the model wrote none.</param>
public sealed record TemplateCall(string Id, string Name, JsonElement Arguments)
{
    internal object ToMap()
    {
        var (function, call) = (new PythonMap(), new PythonMap());
        function.Set("name", Name);
        function.Set("arguments", PythonJson.Read(Arguments));
        call.Set("id", Id);
        call.Set("type", "function");
        call.Set("function", function);
        return call;
    }
}
