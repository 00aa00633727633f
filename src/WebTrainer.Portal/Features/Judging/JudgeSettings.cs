using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using WebTrainer.Domain.Judging;
using WebTrainer.Scoring.Judging;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>
/// All that a judge's verdicts depend on, without its key. Another setting is another judge: its calibration holds no more.
/// </summary>
/// <param name="PromptVersion">Of the program's own words around the rubric.</param>
public sealed record JudgeSettings(
    JudgeSource Source,
    string Address,
    string Model,
    string Rubric,
    int ReplyTokens,
    long Seed,
    int PromptVersion
)
{
    public static JudgeSettings Of(Judge judge) =>
        new(judge.Source, judge.Address, judge.Model, judge.Rubric, judge.ReplyTokens, judge.Seed, JudgePrompt.Version);

    public string Sha256() => Hash(JudgeJson.Write(this));

    /// <summary>Under which a reply is kept: the judge, its settings, what is asked, and all texts in their order.</summary>
    public string KeyOf(Guid judgeId, bool isPair, params ReadOnlySpan<string> texts)
    {
        var all = new StringBuilder().Append(judgeId).Append(' ').Append(Sha256()).Append(isPair ? " pair" : " score");
        foreach (var text in texts)
        {
            all.Append('\n').Append(text.Length).Append(':').Append(text); // lengths keep texts apart, whatever they hold
        }

        return Hash(all.ToString());
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}

/// <summary>How requests, settings and results are written into the database.</summary>
internal static class JudgeJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, s_options);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, s_options)!;
}
