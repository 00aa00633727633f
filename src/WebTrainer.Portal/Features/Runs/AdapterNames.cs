using System.Globalization;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>How specs, requests and reports call models.</summary>
public static class AdapterNames
{
    private const string AdapterPrefix = "run-";

    /// <summary>Name of what a run has tuned.</summary>
    public static string Of(Run run) => Of(run.Number);

    /// <summary>As the other, by the run's number.</summary>
    public static string Of(int number) => AdapterPrefix + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Number of the run whose model has this name; null for other names.</summary>
    public static int? RunNumber(string? name) =>
        name is not null
        && name.StartsWith(AdapterPrefix, StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(AdapterPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
