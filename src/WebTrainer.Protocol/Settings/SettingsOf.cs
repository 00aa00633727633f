using System.Globalization;

namespace WebTrainer.Protocol.Settings;

/// <summary>Makes the rows of one group: a row says where its property is, and the rest follows from the property's type.</summary>
internal sealed class SettingsOf<TGroup>(
    SettingGroup group,
    Func<TuningSettings, TGroup?> read,
    Func<TuningSettings, TGroup, TuningSettings> write
)
    where TGroup : class, new()
{
    public Setting Row<TValue>(string name, Func<TGroup, TValue> get, Func<TGroup, TValue, TGroup> set, string label, string help) =>
        new()
        {
            Group = group,
            Name = name,
            Label = label,
            Help = help,
            Kind = KindOf(typeof(TValue)),
            Get = settings => get(read(settings) ?? new()),
            Set = (settings, value) => write(settings, set(read(settings) ?? new(), As<TValue>(value))),
        };

    private static SettingKind KindOf(Type type) =>
        type switch
        {
            _ when type == typeof(double) => SettingKind.Number,
            _ when type == typeof(int) || type == typeof(int?) => SettingKind.Whole,
            _ when type == typeof(bool) => SettingKind.YesNo,
            { IsEnum: true } => SettingKind.Choice,
            _ when type == typeof(string) => SettingKind.Text,
            _ when type == typeof(IReadOnlyList<string>) => SettingKind.Choices,
            _ => throw new NotSupportedException($"A setting can't be a {type.Name}."),
        };

    // Fields and searches have whole numbers as doubles and choices as their names.
    private static TValue As<TValue>(object? value) =>
        value switch
        {
            TValue typed => typed,
            null => default!,
            string name when typeof(TValue).IsEnum => (TValue)Enum.Parse(typeof(TValue), name),
            _ => (TValue)
                Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(TValue)) ?? typeof(TValue), CultureInfo.InvariantCulture),
        };
}
