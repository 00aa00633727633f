using System.Globalization;
using System.Text;
using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations.Cards;

/// <summary>What the card of a GGUF file says of the file: what is in it, and what was checked of it.</summary>
internal static class GgufCard
{
    public static string Of(string folder)
    {
        var report = JsonSerializer.Deserialize<GgufReport>(
            File.ReadAllText(Path.Combine(folder, RunFolder.GgufReportName)),
            ProtocolJson.Document
        )!;
        var formats = string.Join(", ", report.Formats.OrderBy(format => format.Key).Select(format => $"{format.Value} in {format.Key}"));
        var card = new StringBuilder()
            .AppendLine()
            .AppendLine("## The file")
            .AppendLine()
            .AppendLine(
                CultureInfo.InvariantCulture,
                $"`model.gguf`: architecture `{report.Architecture}`, {report.Tokens} tokens, {report.Tensors} tensors ({formats})."
            )
            .AppendLine(
                CultureInfo.InvariantCulture,
                $"Checked by reading it back from the disk: all {report.Tensors} tensors have the name, shape and SHA-256 that were written; the relative error of its weights (root of mean squares) is {report.RelativeError:0.#####}."
            )
            .AppendLine(
                "Not checked: the file has not been run. That llama.cpp answers as the portal does is held by tests of each family."
            );
        foreach (var note in report.Notes)
        {
            card.AppendLine().AppendLine(note);
        }

        return card.ToString();
    }
}
