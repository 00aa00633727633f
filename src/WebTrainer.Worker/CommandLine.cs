using WebTrainer.Protocol;

namespace WebTrainer.Worker;

internal static class CommandLine
{
    /// <summary>Reads <c>--name value</c> pairs.</summary>
    public static Dictionary<string, string> Options(IEnumerable<string> arguments) =>
        arguments
            .SkipWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal))
            .Chunk(2)
            .Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0].TrimStart('-'), pair => pair[1]);

    public static int Usage()
    {
        Console.Error.WriteLine(
            $"""
            WebTrainer.Worker run <run-folder>
                Does what the folder's spec.json asks by its "kind":
            {string.Join('\n', JobKind.All.Select(kind => $"    {kind.Name, -10}{kind.Help}"))}
            WebTrainer.Worker pretrain --out FOLDER --books FOLDER[,FOLDER] --chats FILE[,FILE] [--minutes N] [--steps N] [--threads N]
                Trains a new small base model on plain text and conversations.
            """
        );
        return 2;
    }
}
