using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.JSInterop;

namespace WebTrainer.Portal.Components;

/// <summary>
/// What somebody set in a form and nothing has taken yet, kept in this tab of the browser: a reload loses nothing. It ends with the tab,
/// and with signing out.
/// </summary>
public sealed class FormDrafts(IJSRuntime js)
{
    /// <summary>A larger form is not kept: its text is somewhere else too.</summary>
    private const int MaxCharacters = 500_000;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };
    private readonly Dictionary<string, string> _kept = [];

    /// <param name="form">What tells forms apart: the page's path.</param>
    /// <returns>Null where nothing is kept, or what is kept is of an older kind.</returns>
    public async Task<T?> ReadAsync<T>(string form, CancellationToken cancellationToken)
        where T : class
    {
        var json = await js.InvokeAsync<string?>("webTrainer.form", cancellationToken, form);
        if (json is null)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(json, s_json);
        }
        catch (JsonException)
        {
            return null; // of another version of the portal
        }
    }

    public async Task KeepAsync(string form, object values, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(values, values.GetType(), s_json);
        if (json.Length > MaxCharacters || _kept.GetValueOrDefault(form) == json)
        {
            return;
        }

        var isFirst = !_kept.ContainsKey(form);
        _kept[form] = json;
        if (!isFirst) // what a form begins with, nobody has set
        {
            await js.InvokeVoidAsync("webTrainer.keepForm", cancellationToken, form, json);
        }
    }

    public async Task ForgetAsync(string form, CancellationToken cancellationToken)
    {
        _kept.Remove(form);
        await js.InvokeVoidAsync("webTrainer.keepForm", cancellationToken, form, null);
    }
}
