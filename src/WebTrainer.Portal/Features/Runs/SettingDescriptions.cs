using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Says in the API's description of each setting what it does, its bounds and its default.</summary>
public sealed class SettingDescriptions : IOpenApiSchemaTransformer
{
    private static readonly Dictionary<Type, SettingGroup> s_groups = new()
    {
        [typeof(ObjectiveSpec)] = SettingGroup.Objective,
        [typeof(MethodSpec)] = SettingGroup.Method,
        [typeof(ClassifierSpec)] = SettingGroup.Classifier,
        [typeof(TrainingSettings)] = SettingGroup.Training,
        [typeof(PrivacySpec)] = SettingGroup.Privacy,
    };

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (
            context.JsonPropertyInfo is { } property
            && s_groups.TryGetValue(property.DeclaringType, out var group)
            && SettingTable.All.FirstOrDefault(setting => setting.Group == group && setting.Name == property.Name) is { } row
        )
        {
            Describe(schema, row);
        }

        return Task.CompletedTask;
    }

    private static void Describe(OpenApiSchema schema, Setting setting)
    {
        schema.Description = setting.Unit is null
            ? $"{setting.Label}. {setting.Help}"
            : $"{setting.Label}, in {setting.Unit}. {setting.Help}";
        if (setting.Kind is SettingKind.Number or SettingKind.Whole)
        {
            (schema.Minimum, schema.Maximum) = (
                setting.Low.ToString("R", CultureInfo.InvariantCulture),
                setting.High.ToString("R", CultureInfo.InvariantCulture)
            );
        }

        schema.Default = JsonSerializer.SerializeToNode(setting.Default, ProtocolJson.Line);
    }
}
