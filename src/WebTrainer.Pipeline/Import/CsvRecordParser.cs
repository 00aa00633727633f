using System.Text;

namespace WebTrainer.Pipeline.Import;

internal enum CsvState
{
    Complete,

    /// <summary>A quoted field goes on in the next line.</summary>
    Open,
    Broken,
}

/// <summary>Cuts one record into fields, line by line (RFC 4180).</summary>
/// <remarks>
/// Strict where quotes are concerned: a record that could be read in two ways is reported, not guessed at. The usual readers
/// swallow the rest of the file after a forgotten quote; here the caller can go back to the line after it.
/// </remarks>
internal sealed class CsvRecordParser(char delimiter, char? quote)
{
    private readonly StringBuilder _field = new();
    private readonly List<string> _fields = [];
    private bool _open;

    public IReadOnlyList<string> Fields => _fields;

    /// <summary>Fields of the record that were in quotes.</summary>
    public int Quoted { get; private set; }

    /// <summary>What is wrong, after <see cref="CsvState.Broken"/>.</summary>
    public string? Fault { get; private set; }

    public void Reset()
    {
        _field.Clear();
        _fields.Clear();
        _open = false;
        Quoted = 0;
        Fault = null;
    }

    /// <param name="line">A line without its LF.</param>
    public CsvState Add(string line)
    {
        var position = 0;
        if (_open)
        {
            _field.Append('\n');
            position = ReadQuoted(line, 0);
            if (position < 0)
            {
                return Fault is null ? CsvState.Open : CsvState.Broken;
            }
        }

        return ReadFields(line, position, inField: _open);
    }

    private CsvState ReadFields(string line, int position, bool inField)
    {
        // A CR at the end belongs to the line's end, except inside quotes, which ReadQuoted sees first.
        var end = line.EndsWith('\r') ? line.Length - 1 : line.Length;
        while (true)
        {
            if (!inField)
            {
                position = ReadField(line, position, end);
            }

            if (position < 0)
            {
                return Fault is null ? CsvState.Open : CsvState.Broken;
            }

            if (_open)
            {
                Quoted++;
            }

            _open = false;
            inField = false;
            _fields.Add(_field.ToString());
            _field.Clear();
            if (position >= end)
            {
                return CsvState.Complete;
            }

            position++;
        }
    }

    /// <returns>Position after the field; negative when it is open or broken.</returns>
    private int ReadField(string line, int position, int end)
    {
        if (position < end && line[position] == quote)
        {
            return ReadQuoted(line, position + 1);
        }

        var stop = line.IndexOf(delimiter, position, end - position);
        if (stop < 0)
        {
            stop = end;
        }

        if (quote is { } q && line.IndexOf(q, position, stop - position) >= 0)
        {
            return Fail("A quote stands in the middle of a field that is not quoted.");
        }

        _field.Append(line, position, stop - position);
        return stop;
    }

    private int ReadQuoted(string line, int position)
    {
        _open = true;
        while (true)
        {
            var close = line.IndexOf(quote!.Value, position);
            if (close < 0)
            {
                _field.Append(line, position, line.Length - position);
                return -1;
            }

            _field.Append(line, position, close - position);
            position = close + 1;
            if (position < line.Length && line[position] == quote)
            {
                _field.Append(quote.Value);
                position++;
                continue;
            }

            var atEnd = position == line.Length || (position == line.Length - 1 && line[position] == '\r');
            return atEnd || line[position] == delimiter ? position : Fail("A quoted field goes on after its closing quote.");
        }
    }

    private int Fail(string fault)
    {
        Fault = fault;
        return -1;
    }
}
