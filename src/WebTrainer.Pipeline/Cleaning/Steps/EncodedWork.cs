using System.Runtime.InteropServices;
using System.Text.Json;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>
/// Rows compared by the vectors of an encoder of the server. Each text is written to a file once while rows are looked at, and goes through
/// the encoder once.
/// </summary>
internal sealed class EncodedWork(SemanticDuplicatesStep step, CleanContext context) : SemanticWork(step, (int)context.Rows)
{
    /// <summary>Vectors are compared in pieces of this many numbers.</summary>
    private const int Lanes = 16;

    private readonly string _texts = context.Sources.NewFile();
    private readonly string _vectors = context.Sources.NewFile();
    private readonly Dictionary<UInt128, int> _numbers = [];

    // Number of its text plus one; 0 for rows without words.
    private readonly int[] _textOf = new int[context.Rows];
    private FileStream? _writing;
    private TextEncoding? _encode;
    private TextVectors? _made;

    public override int Looks => 1;

    public override string? Note =>
        _made is { Truncated: > 0 and var cut }
            ? string.Join(
                ' ',
                new[]
                {
                    $"{cut:N0} texts have more than the {_made.MaximumTokens:N0} tokens that {Step.Model} reads: only their beginnings were compared.",
                    base.Note,
                }.OfType<string>()
            )
            : base.Note;

    public override Task PrepareAsync(CancellationToken cancellationToken)
    {
        _encode =
            context.Sources.Encoders.GetValueOrDefault(Step.Model)
            ?? throw new DataProblemException($"This server has no encoder '{Step.Model}' to compare texts by.");
        _writing = new FileStream(_texts, FileMode.CreateNew, FileAccess.Write);
        return Task.CompletedTask;
    }

    public override void Observe(int index, CanonicalRow row, bool mustStay)
    {
        var text = DuplicateChoice.Text(row, Step.By);
        if (!text.Any(c => char.IsLetterOrDigit(c) || char.IsSurrogate(c)))
        {
            return;
        }

        var (key, line) = (TextKey.Md5(text), JsonSerializer.SerializeToUtf8Bytes(text, ProtocolJson.Line));
        lock (_numbers)
        {
            if (!_numbers.TryGetValue(key, out var number))
            {
                _numbers[key] = number = _numbers.Count + 1;
                _writing!.Write(line);
                _writing.WriteByte((byte)'\n');
            }

            _textOf[index] = number;
        }

        Rank(index, row, mustStay);
    }

    public override async Task GatherAsync(IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        await _writing!.DisposeAsync();
        if (_numbers.Count == 0)
        {
            return;
        }

        _made = await _encode!(_texts, _vectors, progress, cancellationToken);
        var made = await ReadAsync(_made, cancellationToken);
        foreach (var (index, number) in _textOf.Index())
        {
            if (number > 0)
            {
                Vectors[index] = made[number - 1];
            }
        }
    }

    public override void Decide(CancellationToken cancellationToken) => Compare(cancellationToken);

    public override void Dispose()
    {
        _writing?.Dispose();
        File.Delete(_texts);
        File.Delete(_vectors);
        base.Dispose();
    }

    /// <returns>Filled up with zeros, which change no cosine.</returns>
    private async Task<sbyte[][]> ReadAsync(TextVectors made, CancellationToken cancellationToken)
    {
        if (made.Texts != _numbers.Count || new FileInfo(_vectors).Length != made.Texts * made.Dimensions)
        {
            throw new DataProblemException($"The encoder '{Step.Model}' made vectors of other texts than it was given. Try again.");
        }

        await using var stream = File.OpenRead(_vectors);
        var (vectors, bytes) = (new sbyte[made.Texts][], new byte[made.Dimensions]);
        for (var i = 0; i < vectors.Length; i++)
        {
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            vectors[i] = new sbyte[(made.Dimensions + Lanes - 1) / Lanes * Lanes];
            MemoryMarshal.Cast<byte, sbyte>(bytes).CopyTo(vectors[i]);
        }

        return vectors;
    }
}
