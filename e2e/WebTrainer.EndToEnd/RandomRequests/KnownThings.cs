using System.Collections.Concurrent;
using System.Text.Json;

namespace WebTrainer.EndToEnd.RandomRequests;

/// <summary>
/// Ids, names and hashes that the portal has told, by the name of the field they were told under: later requests speak of them.
/// </summary>
internal sealed class KnownThings
{
    private const int MostOfOne = 40;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _known = new(StringComparer.OrdinalIgnoreCase);

    public void Add(string name, string value)
    {
        var those = _known.GetOrAdd(name, _ => new ConcurrentQueue<string>());
        if (those.Count < MostOfOne && !those.Contains(value))
        {
            those.Enqueue(value);
        }
    }

    /// <summary>
    /// Keeps what an answer names. Things of a list are called after the last plural of the address: <c>runs</c> has a <c>runId</c>.
    /// </summary>
    public void Learn(string address, JsonElement answer, int depth = 0)
    {
        if (answer.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in answer.EnumerateArray().Take(MostOfOne))
            {
                Learn(address, item, depth);
            }
        }
        else if (answer.ValueKind == JsonValueKind.Object && depth < 3)
        {
            foreach (var field in answer.EnumerateObject())
            {
                if (field.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    Learn(address, field.Value, depth + 1);
                }
                else if (field.Name == "id" && depth == 0)
                {
                    Add(IdNameOf(address), field.Value.ToString());
                }
                else if (field.Name.EndsWith("Id", StringComparison.Ordinal) || field.Name is "specSha256" or "number" or "version")
                {
                    Add(field.Name, field.Value.ToString());
                }
            }
        }
    }

    /// <summary>One of them, mostly the first: all people of the test are in the first project.</summary>
    public string? Find(string name, Random random) =>
        _known.TryGetValue(Alias(name), out var those) && !those.IsEmpty
            ? those.ElementAt(random.Next(3) > 0 ? 0 : random.Next(those.Count))
            : null;

    private static string Alias(string name) =>
        name.ToUpperInvariant() switch
        {
            "DATASETVERSIONID" or "OTHERID" => "versionId",
            "ASSIGNEE" => "userId",
            "RUNID" or "RUNIDS" => "runId",
            "MODEL" or "BASEMODEL" => "baseModel",
            _ => name,
        };

    private static string IdNameOf(string address)
    {
        var plural = address.Split('?')[0].Split('/').LastOrDefault(part => part.EndsWith('s') && part.All(char.IsLetter)) ?? "things";
        return plural switch
        {
            "labels" => "taskId",
            "judgings" => "workId",
            "published" => "versionId",
            _ => plural.TrimEnd('s') + "Id",
        };
    }
}
