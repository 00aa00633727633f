using System.Globalization;

namespace WebTrainer.Protocol.Settings;

/// <summary>Whether settings make sense, each by itself and together; the form asks it as the worker does.</summary>
public static class SettingRules
{
    /// <returns>Why they don't, in a sentence that names the setting; null where they do.</returns>
    public static string? WhyNot(TuningSettings settings) =>
        SettingTable.For(settings).Select(setting => WhyNot(setting, setting.Get(settings))).FirstOrDefault(reason => reason is not null)
        ?? MethodRules.WhyNot(settings.Method)
        ?? ObjectiveRules.WhyNot(settings.Objective, settings.Method, settings.Training)
        ?? (
            settings.Classifier is { } classifier
                ? ClassifierRules.WhyNot(classifier, settings.Objective, settings.Method, settings.Training)
                : null
        )
        ?? PrivacyRules.WhyNot(settings);

    private static string? WhyNot(Setting setting, object? value) =>
        value switch
        {
            double or int => Outside(setting, Convert.ToDouble(value, CultureInfo.InvariantCulture)),
            Enum choice when !Enum.IsDefined(choice.GetType(), choice) =>
                $"{Named(setting)} knows no {choice}. It knows {string.Join(", ", setting.Choices.Select(known => known.Value))}.",
            _ => null,
        };

    private static string? Outside(Setting setting, double value) =>
        value >= setting.Low && value <= setting.High
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Named(setting)} is {value:G6}; it must lie between {setting.Low:G6} and {setting.High:G9}."
            );

    private static string Named(Setting setting) => $"“{setting.Label}” ({setting.Path})";
}
