using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// How the API reads and writes JSON. What a type of the API doesn't allow to be missing or null, and what it doesn't know, is refused by
/// its name before any service sees it.
/// </summary>
public static class JsonContract
{
    public static IServiceCollection AddPortalJson(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(http =>
        {
            var options = http.SerializerOptions;
            options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
            options.AllowOutOfOrderMetadataProperties = true; // a recipe's step need not be named first
            // a field that is misspelt would mean its default, without a word
            options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(Require);
        });

    /// <remarks>
    /// The library's own check (<c>RespectNullableAnnotations</c>) lets null pass where a type has a constructor's parameters and the JSON
    /// comes from a stream, as bodies do (System.Text.Json 10.0 and 11.0, findings/json-null-from-a-stream.sh), and never looks into lists.
    /// </remarks>
    private static void Require(JsonTypeInfo type)
    {
        // A parameter that may be null may be left out as well, with a default in the code or without.
        foreach (
            var property in type.Properties.Where(p =>
                p is { Set: not null, AssociatedParameter: { HasDefaultValue: false, IsNullable: false } }
            )
        )
        {
            property.IsRequired = true;
        }

        if (type.Kind != JsonTypeInfoKind.Object || Annotated(type).ToList() is not { Count: > 0 } annotated)
        {
            return;
        }

        type.OnDeserialized += thing =>
        {
            foreach (var (property, annotation) in annotated)
            {
                Check(property.Name, property.Get!(thing), annotation);
            }
        };
    }

    /// <summary>The type's fields that can be given and whose values, or values' items, must not be null.</summary>
    private static IEnumerable<(JsonPropertyInfo Property, NullabilityInfo Annotation)> Annotated(JsonTypeInfo type)
    {
        var annotations = new NullabilityInfoContext();
        return from property in type.Properties
            where
                property is { Get: not null, AttributeProvider: PropertyInfo }
                && (property.Set is not null || property.AssociatedParameter is not null)
            let annotation = annotations.Create((PropertyInfo)property.AttributeProvider!)
            where !property.PropertyType.IsValueType && (annotation.ReadState == NullabilityState.NotNull || ItemOf(annotation) is not null)
            select (property, annotation);
    }

    private static void Check(string name, object? value, NullabilityInfo annotation)
    {
        if (value is null)
        {
            if (annotation.ReadState == NullabilityState.NotNull)
            {
                throw new JsonException($"'{name}' must not be null.");
            }
        }
        else if (ItemOf(annotation) is { } item && value is IEnumerable items)
        {
            foreach (var inside in value is IDictionary fields ? fields.Values : items)
            {
                Check($"{name}[]", inside, item);
            }
        }
    }

    /// <summary>
    /// How the items of a list, or the values of a dictionary, are annotated; null where nothing is to be checked of them.
    /// </summary>
    private static NullabilityInfo? ItemOf(NullabilityInfo annotation) =>
        (annotation.ElementType ?? annotation.GenericTypeArguments.LastOrDefault()) is { } item
        && !item.Type.IsValueType
        && item.ReadState == NullabilityState.NotNull
        && annotation.Type.IsAssignableTo(typeof(IEnumerable))
            ? item
            : null;
}
