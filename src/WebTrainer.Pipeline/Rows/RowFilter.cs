using DuckDB.NET.Data;

namespace WebTrainer.Pipeline.Rows;

/// <summary>The filter of a query as SQL; what people typed goes into parameters only.</summary>
internal static class RowFilter
{
    /// <summary>Characters of a prompt above which it is far out, as SQL over the rows.</summary>
    public const string FarLength =
        "(quantile_disc(length(prompt), 0.75) + 3 * (quantile_disc(length(prompt), 0.75) - quantile_disc(length(prompt), 0.25)))";

    private static readonly string[] s_texts = ["prompt", "response", "label", "system"];

    /// <param name="source">The version in SQL.</param>
    public static string Where(RowQuery query, string source)
    {
        var conditions = new List<string>();
        if (!string.IsNullOrEmpty(query.Contains))
        {
            conditions.Add(Holds("$text"));
        }

        for (var i = 0; i < query.Words?.Terms.Count; i++)
        {
            var ways = query.Words.JoinedWith(i).Select(j => j.Name).Prepend($"word{i}");
            conditions.Add($"({string.Join(" OR ", ways.Select(name => Holds($"${name}")))})");
        }

        if (query.Label is not null)
        {
            conditions.Add("label = $label");
        }

        if (query.Split is not null)
        {
            conditions.Add("split = $split");
        }

        if (query.PromptLength is not null)
        {
            conditions.Add("length(prompt) BETWEEN $promptFrom AND $promptTo");
        }

        if (query.ResponseLength is not null)
        {
            conditions.Add("length(response) BETWEEN $responseFrom AND $responseTo");
        }

        if (query.Positions is { } positions)
        {
            conditions.Add($"file_row_number IN (SELECT unnest({List(positions)}))");
        }

        if (query.Trait is { } trait)
        {
            conditions.Add(Condition(trait, source));
        }

        return conditions.Count == 0 ? "" : "WHERE " + string.Join(" AND ", conditions);
    }

    /// <summary>
    /// That system, prompt, response or label holds a text, however it is written. Plain English needs no folding but of its case.
    /// </summary>
    /// <param name="parameter">The text, folded.</param>
    private static string Holds(string parameter)
    {
        var plain = $"replace({parameter}, chr({(int)SearchText.Joint}), '')";
        var held = s_texts.Select(text =>
            $"CASE WHEN {text} IS NULL THEN false WHEN strlen({text}) = length({text}) THEN contains(lower({text}), {plain}) ELSE {SearchFunction.Name}({text}, {parameter}) END"
        );
        return $"({plain} <> '' AND ({string.Join(" OR ", held)}))"; // a mark alone is in no text
    }

    private static string Condition(RowTrait trait, string source) =>
        trait switch
        {
            RowTrait.Unanswered => "response IS NULL",
            RowTrait.RepeatedPrompt => $"prompt IN (SELECT prompt FROM {source} GROUP BY prompt HAVING count(*) > 1)",
            RowTrait.FarTooLong => $"length(prompt) > (SELECT {FarLength} FROM {source})",
            _ => throw new ArgumentOutOfRangeException(nameof(trait), trait, message: null),
        };

    public static void Bind(DuckDBCommand command, RowQuery query)
    {
        if (!string.IsNullOrEmpty(query.Contains))
        {
            command.Parameters.Add(new DuckDBParameter("text", SearchText.Fold(query.Contains)));
        }

        foreach (var (name, text) in Words(query.Words))
        {
            command.Parameters.Add(new DuckDBParameter(name, text));
        }

        if (query.Label is not null)
        {
            command.Parameters.Add(new DuckDBParameter("label", query.Label));
        }

        Bind(command, "prompt", query.PromptLength);
        Bind(command, "response", query.ResponseLength);
        if (query.Split is { } split)
        {
            command.Parameters.Add(new DuckDBParameter("split", split.ToName()));
        }
    }

    private static IEnumerable<(string Name, string Folded)> Words(WordQuery? words) =>
        words is null
            ? []
            : words
                .Terms.Select((term, i) => ($"word{i}", SearchText.Fold(term.Text)))
                .Concat(
                    Enumerable
                        .Range(0, words.Terms.Count)
                        .SelectMany(words.JoinedWith)
                        .DistinctBy(j => j.Name)
                        .Select(j => (j.Name, j.Term.Text))
                );

    private static void Bind(DuckDBCommand command, string name, LengthRange? range)
    {
        if (range is null)
        {
            return;
        }

        command.Parameters.Add(new DuckDBParameter(name + "From", range.From));
        command.Parameters.Add(new DuckDBParameter(name + "To", range.To));
    }

    /// <remarks>The row number comes last, so that equal values keep their order over all pages.</remarks>
    public static string OrderBy(RowQuery query)
    {
        var direction = query.Descending ? "DESC" : "ASC";
        if (query is { Sort: RowSort.Given, Positions: { } given })
        {
            return $"ORDER BY (SELECT place FROM (SELECT unnest({List(given)}) AS position, unnest(range({given.Count})) AS place) WHERE position = file_row_number) {direction}";
        }

        return query.Sort is RowSort.Position or RowSort.Given
            ? $"ORDER BY file_row_number {direction}"
            : $"ORDER BY {Expression(query.Sort)} {direction} NULLS LAST, file_row_number";
    }

    /// <summary>Numbers of this program, which need no parameters.</summary>
    private static string List(IReadOnlyList<long> positions) => $"[{string.Join(',', positions)}]::BIGINT[]";

    private static string Expression(RowSort sort) =>
        sort switch
        {
            RowSort.Prompt => "prompt",
            RowSort.Response => "response",
            RowSort.Label => "label",
            RowSort.Split => "split",
            RowSort.PromptLength => "length(prompt)",
            RowSort.ResponseLength => "length(response)",
            _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, message: null),
        };
}
