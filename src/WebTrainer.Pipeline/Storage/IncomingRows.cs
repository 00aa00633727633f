using System.Collections;
using System.Threading.Channels;
using DuckDB.NET.Data;
using DuckDB.NET.Data.DataChunk.Writer;

namespace WebTrainer.Pipeline.Storage;

/// <summary>Rows from anywhere as a table of DuckDB that is read while they come: nothing is held but a few batches.</summary>
/// <remarks>
/// An appender takes each value of each column by a call of its own, and its table is written and read once more: six times the processor
/// time of this.
/// </remarks>
internal sealed class IncomingRows : IEnumerable, IEnumerator
{
    /// <summary>Its name in SQL.</summary>
    public const string Table = "incoming()";

    /// <summary>Rows that one thread prepares while another takes them.</summary>
    private const int BatchRows = 256;

    /// <summary>Batches that wait to be taken.</summary>
    private const int BatchesWaiting = 8;

    /// <summary>DuckDB asks for two thousand rows at a time; of long ones it gets fewer.</summary>
    private const long PortionCharacters = 4 * 1024 * 1024;

    private static readonly IReadOnlyList<ColumnInfo> s_columns =
    [
        new("id", typeof(string)),
        new("line", typeof(long)),
        new("split", typeof(string)),
        new("system", typeof(string)),
        new("prompt", typeof(string)),
        new("response", typeof(string)),
        new("label", typeof(string)),
        new("messages", typeof(string)),
        new("extra", typeof(string)),
    ];

    private readonly Channel<StoredRow[]> _batches = Channel.CreateBounded<StoredRow[]>(
        new BoundedChannelOptions(BatchesWaiting) { SingleReader = true, SingleWriter = true }
    );
    private StoredRow[] _batch = [];
    private int _next;
    private long _portion;

    /// <summary>Rows taken so far.</summary>
    public long Count { get; private set; }

    public object Current => _batch[_next - 1];

    /// <summary>Makes the rows readable as <see cref="Table"/> on this connection.</summary>
    public void Register(DuckDBConnection connection) =>
        connection.RegisterTableFunction("incoming", () => new TableFunction(s_columns, this), Write);

    /// <summary>Prepares the rows on other threads and hands them over, until all are taken.</summary>
    public async Task FillAsync(IAsyncEnumerable<CanonicalRow> rows, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in rows.Chunk(BatchRows).InOrder(batch => Array.ConvertAll(batch, StoredRow.Of), cancellationToken))
            {
                await _batches.Writer.WriteAsync(batch, cancellationToken);
            }
        }
        finally
        {
            // Whoever takes them sees an end either way; what went wrong comes out of this task.
            _batches.Writer.Complete();
        }
    }

    public IEnumerator GetEnumerator() => this;

    /// <returns>False at the end of a portion, and twice in a row at the end of all: DuckDB asks again until a portion is empty.</returns>
    public bool MoveNext()
    {
        if (_portion >= PortionCharacters || !HasNext())
        {
            _portion = 0;
            return false;
        }

        _portion += _batch[_next++].Characters;
        Count++;
        return true;
    }

    public void Reset() => throw new NotSupportedException("Rows that come can be read once.");

    private bool HasNext()
    {
        while (_next == _batch.Length)
        {
            // Called on a thread of DuckDB, which has nothing else to do.
            if (!_batches.Reader.WaitToReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
                return false;
            }

            if (_batches.Reader.TryRead(out var batch))
            {
                (_batch, _next) = (batch, 0);
            }
        }

        return true;
    }

    private static void Write(object? item, IDuckDBDataWriter[] columns, ulong place)
    {
        var (row, messages, extra, _) = (StoredRow)item!;
        columns[0].WriteValue(row.Id, place);
        columns[1].WriteValue(row.Line, place);
        WriteText(columns[2], row.Split?.ToName(), place);
        WriteText(columns[3], row.System, place);
        columns[4].WriteValue(row.Prompt, place);
        WriteText(columns[5], row.Response, place);
        WriteText(columns[6], row.Label, place);
        WriteText(columns[7], messages, place);
        WriteText(columns[8], extra, place);
    }

    private static void WriteText(IDuckDBDataWriter column, string? text, ulong place)
    {
        if (text is null)
        {
            column.WriteNull(place);
        }
        else
        {
            column.WriteValue(text, place);
        }
    }
}
