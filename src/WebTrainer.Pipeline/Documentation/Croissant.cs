using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Pipeline.Storage;

namespace WebTrainer.Pipeline.Documentation;

/// <summary>A dataset version as Croissant 1.0 JSON-LD (MLCommons), which search engines and loaders read.</summary>
public static class Croissant
{
    /// <summary>The version of the format that a description says it keeps to.</summary>
    public const string ConformsTo = "http://mlcommons.org/croissant/1.0";

    /// <summary>The extension in which stands how people labelled.</summary>
    public const string ConformsToRai = "http://mlcommons.org/croissant/RAI/1.0";

    private const string FileId = "rows.parquet";

    /// <summary>What the format's own reader calls Parquet; by the registered name it iterates no records.</summary>
    private const string ParquetFormat = "application/x-parquet";
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="url">Address of the version's page.</param>
    /// <param name="contentUrl">Address of its Parquet file.</param>
    public static string Write(DatasetFacts facts, string url, string contentUrl)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var answers = facts.Answers;
        var document = new JsonObject
        {
            ["@context"] = Context(),
            ["@type"] = "sc:Dataset",
            ["conformsTo"] = facts.Agreement.Count == 0 ? ConformsTo : new JsonArray(ConformsTo, ConformsToRai),
            ["name"] = facts.Name,
            ["description"] =
                answers.Description.Length > 0 ? answers.Description : $"{facts.Name}, version {facts.Version}: {facts.Rows} rows.",
            ["url"] = url,
            ["identifier"] = $"urn:uuid:{facts.Id}",
            ["version"] = string.Create(CultureInfo.InvariantCulture, $"{facts.Version}.0.0"),
            ["license"] = Many(facts.Licenses.Count > 0 ? facts.Licenses : ["unknown"]),
            ["creator"] = new JsonObject { ["@type"] = "sc:Person", ["name"] = facts.Creator },
            ["dateCreated"] = Date(facts.CreatedAt),
            ["datePublished"] = Date(facts.PublishedAt ?? facts.CreatedAt),
            ["isLiveDataset"] = false,
            ["citeAs"] =
                answers.Citation.Length > 0
                    ? answers.Citation
                    : $"{facts.Creator}: {facts.Name}, version {facts.Version}, {Date(facts.PublishedAt ?? facts.CreatedAt)}. {url}",
            ["keywords"] = Many(Split(answers.Keywords)),
            ["inLanguage"] = Many(HubWords.LanguagesOf(answers.Languages)),
            ["distribution"] = new JsonArray(
                new JsonObject
                {
                    ["@type"] = "cr:FileObject",
                    ["@id"] = FileId,
                    ["name"] = FileId,
                    ["contentUrl"] = contentUrl,
                    ["contentSize"] = string.Create(CultureInfo.InvariantCulture, $"{facts.Bytes} B"),
                    ["encodingFormat"] = ParquetFormat,
                    ["sha256"] = facts.Sha256,
                }
            ),
            ["recordSet"] = new JsonArray(Records(facts)),
            ["rai:dataAnnotationProtocol"] = Many([.. facts.Agreement.Select(a => a.Question).Distinct()]),
            ["rai:annotationsPerItem"] = Many([
                .. facts
                    .Agreement.Select(a =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{a.Version}: {a.Answers} answers of {a.People} people, {a.Items} items with two answers or more"
                        )
                    )
                    .Distinct(),
            ]),
            ["rai:dataAnnotationAnalysis"] = Many([.. facts.Agreement.Select(a => $"{a.Version}, “{a.Question}”: {a.Sentence}")]),
            ["isBasedOn"] = new JsonArray([.. facts.Sources.Select(Source)]),
        };
        foreach (var empty in document.Where(p => p.Value is null or JsonArray { Count: 0 }).Select(p => p.Key).ToList())
        {
            document.Remove(empty);
        }

        return document.ToJsonString(s_json);
    }

    private static JsonObject Records(DatasetFacts facts)
    {
        var records = new JsonObject
        {
            ["@type"] = "cr:RecordSet",
            ["@id"] = "rows",
            ["name"] = "rows",
            ["description"] = "A conversation in each row: what was asked, and the answer to learn.",
            ["key"] = new JsonObject { ["@id"] = "rows/id" },
            ["field"] = new JsonArray([.. VersionFile.Columns.Select(Field)]),
        };
        return records;
    }

    private static JsonObject Field(string column) =>
        new()
        {
            ["@type"] = "cr:Field",
            ["@id"] = $"rows/{column}",
            ["name"] = column,
            ["description"] = Meaning(column),
            ["dataType"] = column == "line" ? "sc:Integer" : "sc:Text",
            ["source"] = new JsonObject
            {
                ["fileObject"] = new JsonObject { ["@id"] = FileId },
                ["extract"] = new JsonObject { ["column"] = column },
            },
        };

    private static string Meaning(string column) =>
        column switch
        {
            "id" => "Stable name of the row, the same in every version.",
            "line" => "Line of the source file where the row begins, from 1; 0 where there is none.",
            "split" => "train, validation or test; empty while the version isn't split.",
            "system" => "What the model is told before the conversation.",
            "prompt" => "What is asked.",
            "response" => "The answer to learn.",
            "label" => "The class, where there is one.",
            "messages" =>
                "The whole conversation as JSON, a list of role and content; empty where it is system, prompt and response and nothing else.",
            _ => "Other columns of the source file, as JSON.",
        };

    private static JsonObject Source(SourceFact source)
    {
        var based = new JsonObject
        {
            ["@type"] = "sc:CreativeWork",
            ["name"] = source.Name,
            ["identifier"] = $"sha256:{source.Sha256}",
        };
        if (source.License.Length > 0)
        {
            based["license"] = source.License;
        }

        if (source.Origin.Length > 0)
        {
            based["isBasedOn"] = source.Origin;
        }

        return based;
    }

    private static JsonArray? Many(IReadOnlyList<string> values) => values.Count == 0 ? null : [.. values.Select(v => (JsonNode)v)];

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The context of the specification, word for word: readers compare it.</summary>
    private static JsonObject Context() =>
        new()
        {
            ["@language"] = "en",
            ["@vocab"] = "https://schema.org/",
            ["citeAs"] = "cr:citeAs",
            ["column"] = "cr:column",
            ["conformsTo"] = "dct:conformsTo",
            ["cr"] = "http://mlcommons.org/croissant/",
            ["rai"] = "http://mlcommons.org/croissant/RAI/",
            ["data"] = new JsonObject { ["@id"] = "cr:data", ["@type"] = "@json" },
            ["dataType"] = new JsonObject { ["@id"] = "cr:dataType", ["@type"] = "@vocab" },
            ["dct"] = "http://purl.org/dc/terms/",
            ["examples"] = new JsonObject { ["@id"] = "cr:examples", ["@type"] = "@json" },
            ["extract"] = "cr:extract",
            ["field"] = "cr:field",
            ["fileProperty"] = "cr:fileProperty",
            ["fileObject"] = "cr:fileObject",
            ["fileSet"] = "cr:fileSet",
            ["format"] = "cr:format",
            ["includes"] = "cr:includes",
            ["isLiveDataset"] = "cr:isLiveDataset",
            ["jsonPath"] = "cr:jsonPath",
            ["key"] = "cr:key",
            ["md5"] = "cr:md5",
            ["parentField"] = "cr:parentField",
            ["path"] = "cr:path",
            ["recordSet"] = "cr:recordSet",
            ["references"] = "cr:references",
            ["regex"] = "cr:regex",
            ["repeated"] = "cr:repeated",
            ["replace"] = "cr:replace",
            ["sc"] = "https://schema.org/",
            ["separator"] = "cr:separator",
            ["source"] = "cr:source",
            ["subField"] = "cr:subField",
            ["transform"] = "cr:transform",
        };
}
