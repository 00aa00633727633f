using System.Text.Json;

namespace WebTrainer.Portal.Hosting;

/// <summary>Reads what lies in the database as text and may be damaged there: a list of many things must not fail by one of them.</summary>
public static class Stored
{
    /// <returns>Null where it is not what it should be.</returns>
    public static T? TryRead<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception)
            when (exception is JsonException or NotSupportedException or InvalidDataException or FormatException or OverflowException)
        {
            return null;
        }
    }
}
