using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using WebTrainer.Statistics;

namespace WebTrainer.Pipeline.Documentation;

/// <summary>A dataset version as a card of Markdown, with the head that model hubs read.</summary>
public static class DatasetCard
{
    private const int MaxLabels = 100;
    private static readonly JsonSerializerOptions s_legible = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>YAML between lines of <c>---</c> as hubs read it, then the answers, figures, sources, history and audits.</summary>
    /// <returns>Markdown with lines that end with <c>\n</c>. Names, labels and reasons are escaped; answers may be Markdown of their own,
    /// but hold no tags.</returns>
    public static string Write(DatasetFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var card = new StringBuilder();
        Head(card, facts);
        Line(card, $"# {Plain(facts.Name)}, version {facts.Version}\n");
        foreach (var (question, answer) in facts.Answers.Questions())
        {
            Line(
                card,
                $"## {question}\n\n{(answer.Length == 0 ? "*Nobody has said.*" : answer.Replace("<", "&lt;", StringComparison.Ordinal))}\n"
            );
        }

        Facts(card, facts);
        Sources(card, facts);
        History(card, facts);
        Agreement(card, facts);
        Audits(card, facts);
        return card.ToString();
    }

    /// <summary>Where the terms can be read: an address among them, else where the rows under them came from.</summary>
    private static string? LinkOf(DatasetFacts facts) =>
        facts
            .Licenses.Concat(facts.Sources.Where(s => HubWords.LicenseId(s.License) is null).Select(s => s.Origin))
            .SelectMany(text => text.Split(' '))
            .FirstOrDefault(word => Uri.TryCreate(word, UriKind.Absolute, out var address) && address.Scheme is ("https" or "http"));

    private static void Head(StringBuilder card, DatasetFacts facts)
    {
        Line(card, "---");
        var licenses = facts.Licenses.Select(HubWords.LicenseId).ToList();
        if (licenses is [{ } license])
        {
            Line(card, $"license: {Quoted(license)}");
        }
        else if (licenses.Count > 1 && !licenses.Contains(null))
        {
            Line(card, $"license: [{string.Join(", ", licenses.Select(id => Quoted(id!)))}]");
        }
        else if (licenses.Count > 0)
        {
            Line(card, $"license: other\nlicense_name: {Quoted(string.Join(" and ", facts.Licenses))}");
            if (LinkOf(facts) is { } link)
            {
                Line(card, $"license_link: {Quoted(link)}");
            }
        }

        var languages = HubWords.LanguagesOf(facts.Answers.Languages);
        if (languages.Count > 0)
        {
            Line(card, $"language: [{string.Join(", ", languages.Select(Quoted))}]");
        }

        Line(card, $"pretty_name: {Quoted(facts.Name)}\nsize_categories: [\"{Size(facts.Rows)}\"]\n---\n");
    }

    private static void Facts(StringBuilder card, DatasetFacts facts)
    {
        Line(card, "## What is in it?\n\n| | |\n| --- | ---: |");
        Line(card, $"| rows | {facts.Rows:N0} |");
        foreach (var (split, rows) in facts.Splits)
        {
            Line(card, $"| {split} | {rows:N0} |");
        }

        Line(card, $"| bytes (Parquet) | {facts.Bytes:N0} |\n| SHA-256 | `{facts.Sha256}` |\n");
        if (facts.ExtraColumns.Count > 0)
        {
            Line(card, $"Columns beside the texts: {string.Join(", ", facts.ExtraColumns.Select(Plain))}.\n");
        }

        if (facts.Labels.Count is 0 or > MaxLabels)
        {
            return;
        }

        Line(card, "| label | rows |\n| --- | ---: |");
        foreach (var (label, rows) in facts.Labels)
        {
            Line(card, $"| {Plain(label)} | {rows:N0} |");
        }

        Line(card, "");
    }

    private static void Sources(StringBuilder card, DatasetFacts facts)
    {
        Line(card, "## Sources and rights\n\n| file | licence | from | received | SHA-256 |\n| --- | --- | --- | --- | --- |");
        foreach (var s in facts.Sources)
        {
            Line(
                card,
                $"| {Plain(s.Name)} | {(s.License.Length == 0 ? "not known" : Plain(s.License))} | {Plain(s.Origin)} | {s.ReceivedAt:yyyy-MM-dd} | `{s.Sha256[..16]}…` |"
            );
        }

        Line(card, "");
        foreach (var conflict in facts.Conflicts)
        {
            Line(card, $"- **{Plain(conflict)}**");
        }

        if (facts.Conflicts.Count > 0)
        {
            Line(card, "");
        }
    }

    private static void History(StringBuilder card, DatasetFacts facts)
    {
        Line(card, "## What was done to it\n");
        foreach (var (i, h) in facts.History.Index())
        {
            Line(card, $"{i + 1}. **{Plain(h.Version)}** ({h.Rows:N0} rows), by {Plain(h.By)} on {h.At:yyyy-MM-dd}");
            foreach (var step in h.What)
            {
                Line(card, $"   - {Plain(step)}");
            }
        }

        Line(card, "");
    }

    private static void Agreement(StringBuilder card, DatasetFacts facts)
    {
        if (facts.Agreement.Count == 0)
        {
            return;
        }

        Line(
            card,
            "## How far people agreed\n\n| version | question | people | answers | items with two answers or more | equal pairs | Krippendorff's α | 95 % |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"
        );
        foreach (var a in facts.Agreement)
        {
            Line(
                card,
                $"| {Plain(a.Version)} | {Plain(a.Question)} | {a.People:N0} | {a.Answers:N0} | {a.Items:N0} | {(a.Share is { } share ? share.ToString("P1", CultureInfo.InvariantCulture) : "–")}"
                    + $" | {(a.Alpha is { } alpha ? alpha.ToString("0.000", CultureInfo.InvariantCulture) : "undefined")}"
                    + $" | {(a.Interval is var (low, high) ? string.Create(CultureInfo.InvariantCulture, $"{low:0.000} to {high:0.000}") : "–")} |"
            );
        }

        Line(card, "");
    }

    private static void Audits(StringBuilder card, DatasetFacts facts)
    {
        Line(card, "## Audits\n");
        Line(
            card,
            facts.Leaks switch
            {
                null => "Leaks: nobody has looked yet.\n",
                { Rows: 0 } l => $"Leaks: none. No row shares {l.Words} words in a row, or its prompt, with what it is judged by.\n",
                var l =>
                    $"Leaks: {l.Rows:N0} rows stand among those they are judged by. {(facts.LeakReason is { } why ? "A lead answers for it: " + Plain(why) : "No lead has answered for it.")}\n",
            }
        );
        if (facts.Bias is not { } bias)
        {
            Line(card, "Bias: labels were not audited by groups.");
            return;
        }

        Line(
            card,
            $"Bias of the label “{Plain(bias.Question.Favourable)}” by {Plain(bias.Question.Column)}, {Plain(bias.Privileged)} against the others: "
                + $"difference {bias.Labels.StatisticalParityDifference:0.000} (95 %: {bias.ParityInterval.Low:0.000} to {bias.ParityInterval.High:0.000}), "
                + $"ratio {bias.Labels.DisparateImpact:0.000} ({bias.ImpactInterval.Low:0.000} to {bias.ImpactInterval.High:0.000}).\n"
        );
        Line(card, "| group | rows | with the label | share |\n| --- | ---: | ---: | ---: |");
        foreach (var g in bias.Groups)
        {
            Line(card, $"| {Plain(g.Group)} | {g.Rows:N0} | {g.Favourable:N0} | {g.Rate:P1} |");
        }
    }

    private static void Line(StringBuilder card, FormattableString line) =>
        card.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static void Line(StringBuilder card, string line) => card.Append(line).Append('\n');

    /// <summary>Text of others as Markdown that means nothing: no tag, link, image or table.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in text.ReplaceLineEndings(" "))
        {
            if (c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#' or '!')
            {
                plain.Append('\\');
            }

            plain.Append(c);
        }

        return plain.ToString();
    }

    /// <summary>As YAML, which reads JSON's strings; letters of all writings stay what they are.</summary>
    private static string Quoted(string text) => JsonSerializer.Serialize(text, s_legible);

    private static string Size(long rows) =>
        rows switch
        {
            < 1_000 => "n<1K",
            < 10_000 => "1K<n<10K",
            < 100_000 => "10K<n<100K",
            < 1_000_000 => "100K<n<1M",
            _ => "1M<n<10M",
        };
}
