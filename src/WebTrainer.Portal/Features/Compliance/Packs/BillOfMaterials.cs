using System.Text.Json;
using System.Text.Json.Nodes;

namespace WebTrainer.Portal.Features.Compliance.Packs;

/// <summary>The parts that this program is made of, with their licences.</summary>
/// <remarks><c>components.json</c> is written by <c>eng/list-components.sh</c>; a test holds it to the lock files.</remarks>
public static class BillOfMaterials
{
    /// <param name="Purl">Package URL; null for what is in no registry.</param>
    /// <param name="License">SPDX identifier or expression, or the terms in words.</param>
    public sealed record Component(string Name, string Version, string License, string? Purl = null);

    public static IReadOnlyList<Component> All { get; } = Read();

    /// <summary>A bill of materials: CycloneDX 1.6, JSON.</summary>
    /// <param name="models">The base model that was tuned, and the like.</param>
    public static string CycloneDx(IEnumerable<Component> models)
    {
        var version = typeof(BillOfMaterials).Assembly.GetName().Version!.ToString(fieldCount: 3);
        var bom = new JsonObject
        {
            ["bomFormat"] = "CycloneDX",
            ["specVersion"] = "1.6",
            ["version"] = 1,
            ["metadata"] = new JsonObject
            {
                ["component"] = new JsonObject
                {
                    ["type"] = "application",
                    ["name"] = "WebTrainer",
                    ["version"] = version,
                    ["licenses"] = License("MIT"),
                },
            },
            ["components"] = new JsonArray([
                .. models.Select(m => Json(m, "machine-learning-model")),
                .. All.Select(c => Json(c, c.Purl is null ? "data" : "library")),
            ]),
        };
        return bom.ToJsonString(PackJson.Options) + "\n";
    }

    private static JsonObject Json(Component component, string type)
    {
        var json = new JsonObject
        {
            ["type"] = type,
            ["name"] = component.Name,
            ["version"] = component.Version,
            ["licenses"] = License(component.License),
        };
        if (component.Purl is { } purl)
        {
            json["purl"] = purl;
        }

        return json;
    }

    private static JsonArray License(string license) =>
        license.Contains(' ', StringComparison.Ordinal)
        && (license.Contains(" OR ", StringComparison.Ordinal) || license.Contains(" AND ", StringComparison.Ordinal))
            ? [new JsonObject { ["expression"] = license }]
            :
            [
                new JsonObject
                {
                    ["license"] = new JsonObject { [license.Contains(' ', StringComparison.Ordinal) ? "name" : "id"] = license },
                },
            ];

    private static IReadOnlyList<Component> Read()
    {
        using var stream = typeof(BillOfMaterials).Assembly.GetManifestResourceStream("components.json")!;
        return JsonSerializer.Deserialize<IReadOnlyList<Component>>(stream, PackJson.Options)!;
    }
}
