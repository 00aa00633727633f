using System.Text;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Export;

/// <summary>What Ollama makes a model by: <c>ollama create NAME -f Modelfile</c> in the folder of the file.</summary>
internal static class Modelfile
{
    public const string FileName = "Modelfile";

    public static void Write(string folder, GgufVocabulary vocabulary)
    {
        var text = new StringBuilder().Append("FROM ./").Append(GgufExport.FileName).Append('\n');
        foreach (var end in vocabulary.Ends)
        {
            text.Append("PARAMETER stop ").Append(Quoted(end)).Append('\n');
        }

        AtomicFile.WriteAllText(Path.Combine(folder, FileName), text.ToString());
    }

    private static string Quoted(string text) =>
        '"' + text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
}
