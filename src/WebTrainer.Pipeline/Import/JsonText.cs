using System.Text.Encodings.Web;
using System.Text.Json;

namespace WebTrainer.Pipeline.Import;

/// <summary>Values as JSON whose letters stay letters.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(string text) => JsonSerializer.Serialize(text, s_options);

    /// <summary>A value in one line, as a column keeps it.</summary>
    public static string Of(JsonElement value) => JsonSerializer.Serialize(value, s_options);
}
