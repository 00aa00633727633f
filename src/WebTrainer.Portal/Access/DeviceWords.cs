namespace WebTrainer.Portal.Access;

/// <summary>What a browser says of itself, in words by which its owner knows it again: "Firefox on Linux".</summary>
public static class DeviceWords
{
    // Those that pretend to be others too stand before these.
    private static readonly (string Mark, string Name)[] s_browsers =
    [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Name)[] s_systems =
    [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];

    public static string Of(string userAgent) =>
        (Find(s_browsers, userAgent), Find(s_systems, userAgent)) switch
        {
            (null, null) => "an unknown browser",
            ({ } browser, null) => browser,
            (null, { } system) => "a browser on " + system,
            var (browser, system) => $"{browser} on {system}",
        };

    private static string? Find((string Mark, string Name)[] known, string userAgent) =>
        Array.Find(known, one => userAgent.Contains(one.Mark, StringComparison.Ordinal)).Name;
}
