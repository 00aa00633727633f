using System.Text.Json;
using WebTrainer.Domain;

namespace WebTrainer.Portal.Hosting;

/// <summary>Words in addresses, in any case: the framework's own binding wants enums as C# spells them.</summary>
internal static class QueryWord
{
    /// <summary>The word for a value.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    /// <returns>Null where nothing is given.</returns>
    /// <exception cref="RuleViolationException">It is none of the words.</exception>
    public static T? Parse<T>(string name, string? word)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(word))
        {
            return null;
        }

        if (Enum.TryParse<T>(word, ignoreCase: true, out var value) && Enum.IsDefined(value))
        {
            return value;
        }

        var words = Enum.GetNames<T>().Select(JsonNamingPolicy.CamelCase.ConvertName);
        throw new RuleViolationException($"'{word}' is no {name}. It is one of {string.Join(", ", words)}.");
    }
}
