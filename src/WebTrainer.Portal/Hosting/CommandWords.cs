namespace WebTrainer.Portal.Hosting;

/// <summary>What somebody asks the program for instead of being a portal, such as <c>audit verify</c> or <c>backup FILE</c>.</summary>
/// <param name="Name">The command's own name.</param>
/// <param name="Words">What stands behind it, up to the next setting.</param>
/// <param name="Settings">All other arguments.</param>
public sealed record CommandWords(string Name, IReadOnlyList<string> Words, string[] Settings)
{
    /// <summary>The first of these commands that is asked for, wherever the settings stand; null where none is.</summary>
    public static CommandWords? Find(string[] args, params IReadOnlyList<string> names)
    {
        for (var at = 0; at < args.Length; at++)
        {
            if (names.Contains(args[at]) && (at == 0 || !IsSettingsName(args[at - 1])))
            {
                string[] words = [.. args.Skip(at + 1).TakeWhile(word => !word.StartsWith('-'))];
                return new(args[at], words, [.. args.Take(at), .. args.Skip(at + 1 + words.Length)]);
            }
        }

        return null;
    }

    // The word behind it is its value.
    private static bool IsSettingsName(string word) =>
        word.StartsWith("--", StringComparison.Ordinal) && !word.Contains('=', StringComparison.Ordinal);
}
