using System.Data.Common;
using System.Globalization;
using System.Text.Json.Serialization;
using MySqlConnector;
using Npgsql;
using NpgsqlTypes;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>The last value of the cursor, with its type, so that it compares as it did.</summary>
internal sealed record SqlCursor(string Type, string Text)
{
    /// <summary>Hashes of the rows that had this value; null where they are too many, or were not kept.</summary>
    public IReadOnlyList<string>? Rows { get; init; }

    /// <summary>How the next sync's rows compare with it.</summary>
    [JsonIgnore]
    public string Comparison => Rows is null ? ">" : ">=";

    public static SqlCursor Of(object value) =>
        value switch
        {
            DateTime or MySqlDateTime => new("time", SqlRowWriter.Text(value)),
            DateTimeOffset time => new("time", time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)),
            sbyte or byte or short or ushort or int or uint or long => new("integer", SqlRowWriter.Text(value)),
            decimal or double or float or ulong => new("number", SqlRowWriter.Text(value)),
            _ => new("text", SqlRowWriter.Text(value)),
        };

    /// <summary>Adds it to a command as <c>@last</c>.</summary>
    public void AddTo(DbCommand command)
    {
        // PostgreSQL compares no day and no UUID with a text; of an unknown type it takes the column's.
        var parameter =
            command is NpgsqlCommand && Type == "text"
                ? new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Unknown }
                : command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("@last", Value());
        command.Parameters.Add(parameter);
    }

    private object Value() =>
        Type switch
        {
            "time" => DateTime.Parse(Text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind),
            "integer" => long.Parse(Text, CultureInfo.InvariantCulture),
            "number" => decimal.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture),
            _ => Text,
        };
}
