using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace WebTrainer.Protocol;

/// <summary>How the records of this library are written: camelCase, enums as text, one object a line where a file is a log.</summary>
public static class ProtocolJson
{
    /// <summary>One line a value: events, control messages, serving lines, dataset rows.</summary>
    public static JsonSerializerOptions Line { get; } = Create(indented: false);

    /// <summary>For files that people open: spec, plan, report.</summary>
    public static JsonSerializerOptions Document { get; } = Create(indented: true);

    private static JsonSerializerOptions Create(bool indented)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = indented,
            // Files on disk, never embedded in HTML: Persian stays Persian instead of \u escapes.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            AllowOutOfOrderMetadataProperties = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { NameJobKinds } },
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        options.MakeReadOnly();
        return options;
    }

    private static void NameJobKinds(JsonTypeInfo type)
    {
        if (type.Type != typeof(JobSpec))
        {
            return;
        }

        type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "kind" };
        foreach (var kind in JobKind.All)
        {
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(kind.Spec, kind.Name));
        }
    }
}
