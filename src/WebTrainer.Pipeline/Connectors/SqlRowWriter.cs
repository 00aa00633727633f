using System.Buffers;
using System.Collections;
using System.Data.Common;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using MySqlConnector;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>
/// Rows of a query as JSON, one a line: numbers as numbers, JSON and lists as what they are, everything else as text that says the same
/// anywhere.
/// </summary>
internal sealed class SqlRowWriter(DbDataReader reader, Stream file)
{
    /// <summary>Bytes that are gathered before they are written.</summary>
    private const int BufferBytes = 256 * 1024;

    private static readonly JsonWriterOptions s_json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = false,
    };
    private readonly ArrayBufferWriter<byte> _buffer = new(BufferBytes);
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly bool[] _holdsJson =
    [
        .. Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetDataTypeName(i).ToUpperInvariant() is "JSON" or "JSONB"),
    ];

    /// <summary>The row at which the reader is, as a line of JSON; good until the next one.</summary>
    /// <param name="row">Its number, for errors.</param>
    /// <exception cref="DataProblemException">A value has no form here; names the row and the column.</exception>
    public ReadOnlyMemory<byte> Form(long row)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line, s_json))
        {
            json.WriteStartObject();
            for (var i = 0; i < reader.FieldCount; i++)
            {
                json.WritePropertyName(reader.GetName(i));
                if (Value(i, row) is string text && _holdsJson[i])
                {
                    json.WriteRawValue(text);
                }
                else
                {
                    Write(json, Value(i, row));
                }
            }

            json.WriteEndObject();
        }

        _line.Write("\n"u8);
        return _line.WrittenMemory;
    }

    public async Task TakeAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        _buffer.Write(line.Span);
        if (_buffer.WrittenCount >= BufferBytes)
        {
            await FlushAsync(cancellationToken);
        }
    }

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await file.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        _buffer.ResetWrittenCount();
    }

    /// <summary>The value of a column of the row.</summary>
    /// <exception cref="DataProblemException">It has no form here.</exception>
    public object Value(int column, long row)
    {
        try
        {
            return reader.GetValue(column);
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException or FormatException or NotSupportedException)
        {
            throw new DataProblemException(
                $"Row {row:N0}: the value of '{reader.GetName(column)}' ({reader.GetDataTypeName(column)}) has no form here. Cast it in the query to text.",
                cause: e
            );
        }
    }

    /// <summary>A value as text that reads the same in any culture, and that a database reads back.</summary>
    public static string Text(object value) =>
        value switch
        {
            DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
            DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
            DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
            TimeOnly time => time.ToString("O", CultureInfo.InvariantCulture),
            MySqlDateTime time => time.GetDateTime().ToString("O", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };

    private static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            // MySQL keeps days that are none, as 0000-00-00.
            case DBNull or MySqlDateTime { IsValidDateTime: false }:
                json.WriteNullValue();
                break;
            case bool truth:
                json.WriteBooleanValue(truth);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case byte[] bytes:
                json.WriteBase64StringValue(bytes);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case Array { Rank: 1 } or IList:
                WriteList(json, (IEnumerable)value);
                break;
            default:
                json.WriteStringValue(Text(value));
                break;
        }
    }

    private static void WriteList(Utf8JsonWriter json, IEnumerable items)
    {
        json.WriteStartArray();
        foreach (var item in items)
        {
            Write(json, item ?? DBNull.Value);
        }

        json.WriteEndArray();
    }
}
