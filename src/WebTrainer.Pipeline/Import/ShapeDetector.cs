namespace WebTrainer.Pipeline.Import;

/// <summary>Proposes by the first rows of a file which field is which part of a canonical row.</summary>
public sealed class ShapeDetector(ImportLimits limits)
{
    /// <summary>Share of distinct values below which a column of a file without header counts as labels.</summary>
    private const double LabelVariety = 0.5;

    /// <summary>Columns beside the texts that are proposed to be kept.</summary>
    private const int MaxExtraProposed = 20;

    /// <summary>Characters of a list or object beyond which it is no column to look at: pictures, vectors, documents.</summary>
    private const int MaxJsonProposed = 2_000;

    /// <summary>What programs call the preferred answer and the rejected one.</summary>
    private static readonly (string Chosen, string Rejected)[] s_pairs =
    [
        ("chosen", "rejected"),
        ("preferred_output", "non_preferred_output"),
    ];

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public ShapeDetector()
        : this(new ImportLimits()) { }

    /// <exception cref="DataProblemException">None of the first rows can be read.</exception>
    public async Task<ShapeProposal> DetectAsync(SourceFile file, FileInspection inspection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(inspection);
        var sample = new RecordSample();
        RowProblem? problem = null;
        await using var source = await SourceStream.OpenAsync(file.Path, inspection.Encoding, cancellationToken);
        await foreach (var record in RecordReader.Create(source.Text, file, inspection, limits).ReadAsync(cancellationToken))
        {
            if (record.Fields is { } fields)
            {
                sample.Add(fields);
            }

            problem ??= record.Problem;
            if (sample.Rows >= limits.SampleRows)
            {
                break;
            }
        }

        if (sample.Rows == 0)
        {
            throw problem is null
                ? new DataProblemException($"'{file.Name}' has no rows.")
                : new DataProblemException(
                    $"No row of '{file.Name}' can be read. {SourcePlace.Title(problem.Line)}: {problem.Message}",
                    problem.Line
                );
        }

        return Propose(sample);
    }

    /// <summary>The first canonical rows that a mapping gives, and what is wrong with the rows before and among them.</summary>
    /// <exception cref="DataProblemException">The mapping lacks a field.</exception>
    public async Task<RowPreview> PreviewAsync(
        SourceFile file,
        FileInspection inspection,
        ColumnMapping mapping,
        int rows,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(file);
        var log = new ProblemLog(limits.MaxProblemsListed);
        var preview = new List<CanonicalRow>();
        await using var source = await SourceStream.OpenAsync(file.Path, inspection.Encoding, cancellationToken);
        var reader = new RowSource(source, file with { Sha256 = "" }, inspection, mapping, limits, log);
        await foreach (var row in reader.ReadAsync(progress: null, cancellationToken))
        {
            preview.Add(row);
            // A file whose every row is broken is not read to its end for a preview.
            if (preview.Count >= rows || log.Total >= limits.SampleRows)
            {
                break;
            }
        }

        return new RowPreview(preview, log.Listed, reader.Unused);
    }

    private static ShapeProposal Propose(RecordSample sample)
    {
        var mapping =
            Preference(sample)
            ?? Kto(sample)
            ?? Conversation(sample)
            ?? Alpaca(sample)
            ?? PromptCompletion(sample)
            ?? Label(sample)
            ?? Nameless(sample)
            ?? TextOnly(sample);
        return new ShapeProposal(sample.Fields, mapping is null ? null : mapping with { Extra = Others(sample, mapping) });
    }

    /// <summary>What is no part of the texts is kept beside them: it may be a group to audit by.</summary>
    private static IReadOnlyList<string> Others(RecordSample sample, ColumnMapping mapping)
    {
        var used = new FieldSet(mapping.Fields);
        return
        [
            .. sample
                .Fields.Where(f =>
                    f.Length > 0 && !used.Contains(f) && sample.KindOf(f) != FieldKind.Missing && sample.LongestJson(f) <= MaxJsonProposed
                )
                .Take(MaxExtraProposed),
        ];
    }

    private static ColumnMapping? Preference(RecordSample sample)
    {
        var (chosen, rejected) = s_pairs.FirstOrDefault(pair =>
            sample.Fields.Contains(pair.Chosen) && sample.Fields.Contains(pair.Rejected)
        );
        if (chosen is null)
        {
            return null;
        }

        var messages =
            FieldNames.Messages.Append("prompt").FirstOrDefault(f => sample.Has(f, FieldKind.List))
            ?? (sample.Has("input", FieldKind.Object) ? "input" : null);
        var prompt = messages is null ? FieldNames.Find(Texts(sample), FieldNames.Prompt, chosen, rejected) : null;
        // Without a prompt of its own, it is what both conversations begin with.
        return messages is null && prompt is null && !sample.Has(chosen, FieldKind.List)
            ? null
            : new ColumnMapping
            {
                Shape = DataShape.Preference,
                Messages = messages,
                Prompt = prompt,
                Response = chosen,
                Rejected = rejected,
                System = FieldNames.Find(Texts(sample), FieldNames.System),
            };
    }

    private static ColumnMapping? Kto(RecordSample sample)
    {
        if (!sample.Has("label", FieldKind.Truth))
        {
            return null;
        }

        var judged = new ColumnMapping
        {
            Shape = DataShape.Kto,
            Desired = "label",
            System = FieldNames.Find(Texts(sample), FieldNames.System),
        };
        if (FieldNames.Messages.FirstOrDefault(f => sample.Has(f, FieldKind.List)) is { } messages)
        {
            return judged with { Messages = messages };
        }

        return Asked(sample) is { Prompt: { } prompt, Response: { } response }
            ? judged with
            {
                Prompt = prompt,
                Response = response,
            }
            : null;
    }

    /// <summary>Prompt and completion, as texts or as lists of messages.</summary>
    private static (string? Prompt, string? Response) Asked(RecordSample sample)
    {
        if (sample.Has("prompt", FieldKind.List) && sample.Has("completion", FieldKind.List))
        {
            return ("prompt", "completion");
        }

        var response = FieldNames.Find(Texts(sample), FieldNames.Response);
        return (FieldNames.Find(Texts(sample), FieldNames.Prompt, response), response);
    }

    private static ColumnMapping? Conversation(RecordSample sample)
    {
        var messages = FieldNames.Messages.FirstOrDefault(f => sample.Has(f, FieldKind.List));
        return messages is null
            ? null
            : new ColumnMapping
            {
                Shape = messages == "messages" ? DataShape.Chat : DataShape.ShareGpt,
                Messages = messages,
                System = FieldNames.Find(Texts(sample), FieldNames.System),
            };
    }

    private static ColumnMapping? Alpaca(RecordSample sample)
    {
        if (!sample.Has("instruction", FieldKind.Text))
        {
            return null;
        }

        if (sample.Has("instances", FieldKind.List))
        {
            return new ColumnMapping
            {
                Shape = DataShape.Alpaca,
                Prompt = "instruction",
                Instances = "instances",
                Input = "input",
                Response = "output",
            };
        }

        var response = FieldNames.Find(sample.Fields, FieldNames.Output);
        return response is null
            ? null
            : new ColumnMapping
            {
                Shape = DataShape.Alpaca,
                Prompt = "instruction",
                Input = FieldNames.Find(Texts(sample), FieldNames.Input),
                History = sample.Has("history", FieldKind.List) ? "history" : null,
                Response = response,
                System = FieldNames.Find(Texts(sample), FieldNames.System),
            };
    }

    private static ColumnMapping? PromptCompletion(RecordSample sample)
    {
        var (prompt, response) = Asked(sample);
        return prompt is null || response is null
            ? null
            : new ColumnMapping
            {
                Shape = DataShape.PromptCompletion,
                Prompt = prompt,
                Response = response,
                System = FieldNames.Find(Texts(sample), FieldNames.System),
                Label = FieldNames.Find(Texts(sample), ["label"], prompt, response),
            };
    }

    private static ColumnMapping? Label(RecordSample sample)
    {
        var label = FieldNames.Find(Texts(sample), FieldNames.Label);
        var text = FieldNames.Find(Texts(sample), FieldNames.Text, label);
        return label is null || text is null
            ? null
            : new ColumnMapping
            {
                Shape = DataShape.Label,
                Text = text,
                Label = label,
            };
    }

    /// <summary>Two columns without known names: the one with few and short values is the label.</summary>
    private static ColumnMapping? Nameless(RecordSample sample)
    {
        if (sample.Fields.Count != 2)
        {
            return null;
        }

        var label = sample.Fields.MinBy(sample.Distinct)!;
        var text = sample.Fields.First(f => f != label);
        var isLabel = sample.Distinct(label) <= sample.Rows * LabelVariety && sample.MeanLength(label) < sample.MeanLength(text);
        return isLabel
            ? new ColumnMapping
            {
                Shape = DataShape.Label,
                Text = text,
                Label = label,
            }
            : null;
    }

    /// <summary>Texts alone are there to be labelled.</summary>
    private static ColumnMapping? TextOnly(RecordSample sample)
    {
        var text = FieldNames.Find(Texts(sample), FieldNames.Text) ?? (sample.Fields.Count == 1 ? sample.Fields[0] : null);
        return text is null
            ? null
            : new ColumnMapping
            {
                Shape = DataShape.Label,
                Text = text,
                KeepUnanswered = true,
            };
    }

    private static IEnumerable<string> Texts(RecordSample sample) =>
        sample.Fields.Where(f => sample.KindOf(f) is FieldKind.Text or FieldKind.Number or FieldKind.Truth);
}
