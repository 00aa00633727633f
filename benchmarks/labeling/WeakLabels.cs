using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data.Files;
using WebTrainer.Domain.Labels;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Benchmarks.Labeling;

/// <summary>Messages labelled by ten rules and the label model, written as a run's training and test files.</summary>
internal static class WeakLabels
{
    /// <summary>Messages without labels; those after them are held out.</summary>
    private const int Train = 4_000;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    /// <param name="messages">A TSV of label and text.</param>
    /// <param name="functions">JSON of labelling functions.</param>
    /// <param name="target">Gets <c>weak/train.csv</c> with the labels of the functions, <c>known/train.csv</c> with the right ones of all,
    /// and both <c>test.csv</c>.</param>
    public static async Task WriteAsync(string messages, string functions, string target, double confidence)
    {
        var rows = File.ReadLines(messages)
            .Select(line => line.Split('\t', 2))
            .Where(parts => parts.Length == 2)
            .Select(parts => (Label: parts[0], Text: parts[1]))
            .ToList();
        var folder = Directory.CreateTempSubdirectory("labeling-weak-").FullName;
        await using (var office = await Office.OpenAsync(folder))
        {
            var (lead, project, version) = await office.PublishAsync(
                rows.Take(Train).Select((row, i) => CanonicalRow.Create($"m{i}", i + 1, null, row.Text, (string?)null))
            );
            var weak = office.Services.GetRequiredService<WeakService>();
            var id = await weak.CreateAsync(lead, project, version, "Spam", ["ham", "spam"], default);
            await weak.ChangeAsync(
                lead,
                project,
                id,
                0,
                JsonSerializer.Deserialize<List<LabelFunction>>(await File.ReadAllTextAsync(functions), s_json)!,
                [0.85, 0.15],
                default
            );
            var made = await weak.MakeAsync(lead, project, id, confidence, default);
            await using var db = office.OpenDb();
            var file = office.Services.GetRequiredService<FileStore>().PathOf((await db.DatasetVersions.FindAsync(made.Id))!.Sha256);
            var labelled = await new VersionReader().ReadAsync(file).ToListAsync();
            var right = labelled.Count(row => row.Label == rows[int.Parse(row.Id[1..], CultureInfo.InvariantCulture)].Label);
            Console.WriteLine(
                $"{labelled.Count} of {Train} messages reach {confidence:P0}; {right / (double)labelled.Count:P2} of their labels are right"
            );
            Write(Path.Combine(target, "weak"), labelled.Select(row => (row.Label!, row.Prompt)), rows.Skip(Train));
        }

        Write(Path.Combine(target, "known"), rows.Take(Train), rows.Skip(Train));
        Directory.Delete(folder, recursive: true);
    }

    private static void Write(string folder, IEnumerable<(string Label, string Text)> train, IEnumerable<(string Label, string Text)> test)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, rows) in new[] { ("train.csv", train), ("test.csv", test) })
        {
            var csv = new StringBuilder("text,category\n");
            foreach (var (label, text) in rows)
            {
                csv.Append(CultureInfo.InvariantCulture, $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{label}\n");
            }

            File.WriteAllText(Path.Combine(folder, name), csv.ToString());
        }
    }
}
