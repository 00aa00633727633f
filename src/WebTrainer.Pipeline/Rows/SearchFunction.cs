using DuckDB.NET.Data;

namespace WebTrainer.Pipeline.Rows;

/// <summary>
/// <see cref="SearchPhrase"/> as a function of SQL, so that of a million rows only those that hold a text come out of DuckDB.
/// </summary>
internal static class SearchFunction
{
    /// <summary>Called with a text and with what is looked for in it, folded.</summary>
    public const string Name = "holds_text";

    public static void Register(DuckDBConnection database) =>
        database.RegisterScalarFunction<string, string, bool>(
            Name,
            (arguments, result, count) =>
            {
                SearchPhrase? phrase = null;
                for (ulong i = 0; i < count; i++)
                {
                    var sought = arguments[1].GetValue<string>(i);
                    // One query looks for one text: it is prepared once for the rows that come together.
                    if (phrase?.Folded != sought)
                    {
                        phrase = new SearchPhrase(sought);
                    }

                    result.WriteValue(phrase.IsIn(arguments[0].GetValue<string>(i)), i);
                }
            }
        );
}
