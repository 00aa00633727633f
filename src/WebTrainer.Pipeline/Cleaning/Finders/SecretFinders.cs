using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>Finders of keys, tokens and passwords that somebody left in a text.</summary>
internal static partial class SecretFinders
{
    private static readonly System.Buffers.SearchValues<char> s_signs = System.Buffers.SearchValues.Create("_-Ae");

    public static IReadOnlyList<IFinder> All { get; } =
    [
        new PatternFinder("PRIVATE_KEY", PrivateKey(), t => t.Contains("-----BEGIN", StringComparison.Ordinal)),
        new PatternFinder("TOKEN", Token(), static t => t.Length >= 16 && t.AsSpan().IndexOfAny(s_signs) >= 0),
        new PatternFinder("PASSWORD", Assigned(), static t => t.AsSpan().ContainsAny(':', '=')),
    ];

    [GeneratedRegex(
        @"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex PrivateKey();

    // Amazon, GitHub, GitLab, Slack, Stripe, OpenAI and Anthropic, Google, Hugging Face, npm, JSON web tokens.
    [GeneratedRegex(
        @"(?<!\w)(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abposr]-[\w-]{10,}|[sr]k_(?:live|test)_\w{16,}|sk-[\w-]{20,}|AIza[\w-]{35}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}|eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,})(?!\w)",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Token();

    [GeneratedRegex(
        @"(?<=(?<!\w)(?:password|passwd|pwd|secret|api[_-]?key|access[_-]?token|auth[_-]?token)[""']?\s{0,3}[:=]\s{0,3}[""']?)[^\s""',;]{8,}",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Assigned();
}
