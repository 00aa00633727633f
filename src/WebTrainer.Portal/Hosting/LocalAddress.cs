namespace WebTrainer.Portal.Hosting;

/// <summary>Only addresses of this server: a link must not carry people elsewhere after sign-in.</summary>
public static class LocalAddress
{
    public static string OrHome(string? url) =>
        url is ['/', ..] && !url.StartsWith("//", StringComparison.Ordinal) && !url.StartsWith("/\\", StringComparison.Ordinal) ? url : "/";
}
