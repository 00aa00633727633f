using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Batching;

/// <summary>Rows of one forward pass as tensors.</summary>
/// <param name="Ids"><c>[batch, tokens]</c>, int64, padded on the right.</param>
/// <param name="Sources">Flat index into <c>[batch · tokens]</c> of each position whose next token is learned.</param>
/// <param name="Targets">Those next tokens, int64.</param>
/// <param name="Tokens">Tokens without padding.</param>
/// <param name="Rows">The rows, in the order of the sequences.</param>
/// <param name="Packing">Where several rows share a sequence; else null.</param>
public sealed record Batch(Tensor Ids, Tensor Sources, Tensor Targets, int Tokens, IReadOnlyList<TokenRow> Rows, Packing? Packing = null)
    : IDisposable
{
    /// <summary>Positions whose next token is learned, of all sequences together.</summary>
    public long LearnedTokens => Targets.shape[0];

    /// <summary>Each row in a sequence of its own, filled with the padding token up to the longest: <c>[rows, longest]</c>.</summary>
    public static Batch Of(IReadOnlyList<TokenRow> rows, int paddingId, Device device) =>
        Of([.. rows.Select(row => new[] { row })], paddingId, device);

    /// <summary>
    /// Rows one behind the other in sequences of at most <paramref name="tokens"/>, each row where it first fits, long ones first.
    /// </summary>
    public static Batch Packed(IReadOnlyList<TokenRow> rows, int tokens, int paddingId, Device device)
    {
        var sequences = new List<(List<TokenRow> Rows, int Room)>();
        foreach (var row in rows.OrderByDescending(row => row.Tokens.Length))
        {
            var place = sequences.FindIndex(sequence => sequence.Room >= row.Tokens.Length);
            if (place < 0)
            {
                sequences.Add(([row], tokens - row.Tokens.Length));
                continue;
            }

            sequences[place].Rows.Add(row);
            sequences[place] = sequences[place] with { Room = sequences[place].Room - row.Tokens.Length };
        }

        return Of([.. sequences.Select(sequence => sequence.Rows)], paddingId, device);
    }

    private static Batch Of(IReadOnlyList<IReadOnlyList<TokenRow>> sequences, int paddingId, Device device)
    {
        var width = sequences.Max(rows => rows.Sum(row => row.Tokens.Length));
        var layout = new Layout(sequences.Count, width, paddingId);
        for (var s = 0; s < sequences.Count; s++)
        {
            var column = 0;
            foreach (var row in sequences[s])
            {
                layout.Place(row, (s * width) + column, column);
                column += row.Tokens.Length;
            }
        }

        var packed = sequences.Any(rows => rows.Count > 1);
        return new(
            tensor(layout.Ids, [sequences.Count, width], device: device),
            tensor(layout.Sources.ToArray(), device: device),
            tensor(layout.Targets.ToArray(), device: device),
            sequences.Sum(rows => rows.Sum(row => row.Tokens.Length)),
            [.. sequences.SelectMany(rows => rows)],
            packed ? new Packing(layout.Positions, layout.Begins) : null
        );
    }

    /// <summary>Frees the three tensors on whichever device they are.</summary>
    public void Dispose()
    {
        Ids.Dispose();
        Sources.Dispose();
        Targets.Dispose();
    }

    /// <summary>The numbers of a batch while it is filled.</summary>
    private sealed class Layout
    {
        public Layout(int sequences, int width, int paddingId)
        {
            Ids = new long[sequences * width];
            Positions = new long[Ids.Length];
            Begins = new int[Ids.Length];
            Array.Fill(Ids, paddingId);
            for (var i = 0; i < Begins.Length; i++)
            {
                Begins[i] = i % width; // padding sees itself alone
            }
        }

        public long[] Ids { get; }

        public long[] Positions { get; }

        public int[] Begins { get; }

        public List<long> Sources { get; } = [];

        public List<long> Targets { get; } = [];

        /// <param name="row">Its tokens are written from there on, and those that learn become targets.</param>
        /// <param name="at">Where the row begins in the whole batch.</param>
        /// <param name="column">Where it begins in its sequence.</param>
        public void Place(TokenRow row, int at, int column)
        {
            for (var t = 0; t < row.Tokens.Length; t++)
            {
                Ids[at + t] = row.Tokens[t];
                Positions[at + t] = t;
                Begins[at + t] = column;
                if (row.ScoresPrompt ? t > 0 : row.Learns(t))
                {
                    Sources.Add(at + t - 1);
                    Targets.Add(row.Tokens[t]);
                }
            }
        }
    }
}
