using System.Text.Json;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>
/// Lengths of rows as a model's tokenizer cuts them: a text of the same letters may have five times the tokens by one that was made for
/// another language.
/// </summary>
/// <param name="P99">Tokens that 99 of 100 rows don't exceed, what a chat template writes around them included.</param>
/// <param name="Most">Tokens of the longest row that was looked at.</param>
public sealed record RowLengths(int P99, int Most)
{
    /// <summary>Rows that are counted, spread evenly: part of a second of work.</summary>
    private const int MostRows = 2_000;

    /// <summary>Rows among which they are: beyond them a file is not read for a form.</summary>
    private const int MostLines = 200_000;

    /// <summary>What chat templates write around a message, and before the first.</summary>
    private const int TokensAroundMessage = 8;
    private const int TokensBefore = 24;

    /// <param name="model">The folder with the tokenizer's files.</param>
    /// <returns>Null where the file has no rows, or the tokenizer can't be read: then the first plan of a run says why.</returns>
    public static Task<RowLengths?> MeasureAsync(DatasetFile file, string model, CancellationToken cancellationToken) =>
        Task.Run(() => CountAsync(file, model, cancellationToken), cancellationToken);

    private static async Task<RowLengths?> CountAsync(DatasetFile file, string model, CancellationToken cancellationToken)
    {
        try
        {
            var tokenizer = TextTokenizer.Load(model);
            var every = Math.Max(1, Math.Min(file.Rows, MostLines) / MostRows);
            var lengths = new List<int>();
            await foreach (var (number, line) in File.ReadLinesAsync(file.Path, cancellationToken).Take(MostLines).Index())
            {
                if (number % every == 0 && JsonSerializer.Deserialize<DatasetRow>(line, ProtocolJson.Line) is { } row)
                {
                    lengths.Add(TokensBefore + row.Messages.Sum(m => TokensAroundMessage + tokenizer.Count(m.Content)));
                }
            }

            lengths.Sort();
            return lengths.Count == 0 ? null : new RowLengths(lengths[Math.Min(lengths.Count - 1, lengths.Count * 99 / 100)], lengths[^1]);
        }
        catch (ModelFileException)
        {
            return null;
        }
    }
}
