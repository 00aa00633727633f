using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning.Leaks;
using WebTrainer.Pipeline.Documentation;
using WebTrainer.Pipeline.Fairness;
using WebTrainer.Pipeline.Making;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Cleaning;
using static WebTrainer.Portal.Features.Datasets.VersionQueries;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>A file that rows of a version came from, and what may be done with them.</summary>
public sealed record SourceView(Guid UploadId, string FileName, SourceRights Rights);

/// <summary>Versions described: by what is known of them, and by what people add.</summary>
public sealed class DatasetDocuments(Authorizer authorizer, FileStore store, VersionFigures figures, RowReader reader, ImportLimits limits)
{
    /// <summary>All that is known of a version and of what it was made of.</summary>
    public async Task<DatasetFacts> FactsAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        var path = store.PathOf(version.Sha256);
        var profile = await figures.OnceAsync(path, () => reader.ProfileAsync(path, cancellationToken));
        var extra = await figures.OnceAsync(path, () => reader.ExtraColumnsAsync(path, cancellationToken));
        var way = await AncestorsAsync(work, version, cancellationToken);
        var uploads = await UploadsOfAsync(work, way, cancellationToken);
        var names = await NamesAsync(work, way.Select(v => v.CreatedBy), cancellationToken);
        return new DatasetFacts(
            version.Dataset!.Name,
            version.Number,
            version.Id,
            version.Sha256,
            version.Bytes,
            version.Rows,
            names(version.CreatedBy),
            version.CreatedAt,
            version.PublishedAt,
            [.. profile.Splits.OrderBy(s => s.Key).Select(s => (s.Key.ToName(), s.Value))],
            [.. profile.Labels.Where(l => l.Label is not null).Select(l => (l.Label!, l.Rows))],
            extra,
            [
                .. uploads.Select(u => new SourceFact(
                    u.FileName,
                    u.Sha256 ?? "",
                    u.Length,
                    RightsOf(u)?.License ?? "",
                    RightsOf(u)?.Origin ?? "",
                    u.CreatedAt
                )),
            ],
            [
                .. way.OrderBy(v => v.CreatedAt)
                    .Select(v => new HistoryFact(
                        $"{v.Dataset!.Name} version {v.Number}",
                        names(v.CreatedBy),
                        v.CreatedAt,
                        v.Rows,
                        [.. WhatWasDone(v)]
                    )),
            ],
            ConflictsOf(uploads),
            version.Leaks is { } leaks ? RecipeJson.Read<LeakReport>(leaks) : null,
            version.LeakReason,
            version.BiasReport is { } bias ? RecipeJson.Read<BiasReport>(bias) : null,
            AnswersOf(version.Dataset!)
        )
        {
            Agreement = [.. way.OrderBy(v => v.CreatedAt).SelectMany(AgreementOf)],
            PersonalRows = version.PersonalRows,
            RepeatedPrompts = profile.RepeatedPrompts,
        };
    }

    /// <summary>Keeps what people say of a dataset; it holds for all of its versions.</summary>
    public async Task DescribeAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        SheetAnswers answers,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var dataset =
            await work.Db.Datasets.SingleOrDefaultAsync(d => d.Id == datasetId && d.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such dataset in this project.");
        string?[] texts = [.. answers.Questions().Select(q => q.Answer), answers.Languages, answers.Keywords];
        if (texts.Any(t => t is null || t.Length > SheetAnswers.MaxLength))
        {
            throw new RuleViolationException($"Each answer has at most {SheetAnswers.MaxLength:N0} characters.");
        }

        dataset.Describe(RecipeJson.Write(answers));
        work.Audit("dataset.described", dataset.Id);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>The files that a version came from, with what is known of their rights.</summary>
    public async Task<IReadOnlyList<SourceView>> SourcesAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var uploads = await UploadsOfAsync(
            work,
            await AncestorsAsync(work, await FindAsync(work, datasetId, number, cancellationToken), cancellationToken),
            cancellationToken
        );
        return [.. uploads.Select(u => new SourceView(u.Id, u.FileName, RightsOf(u) ?? new SourceRights()))];
    }

    public async Task NoteRightsAsync(
        Caller caller,
        Guid projectId,
        Guid uploadId,
        SourceRights rights,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        rights.Check();
        var upload =
            await work.Db.Uploads.SingleOrDefaultAsync(u => u.Id == uploadId && u.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such file in this project.");
        var before = RightsOf(upload);
        upload.NoteRights(RecipeJson.Write(rights));
        work.Audit("dataset.rights-noted", upload.Id, before, rights);
        await work.SaveAsync(cancellationToken);
    }

    /// <summary>What whoever trains on a version should know: conflicts of rights, and leaks that a lead answered for.</summary>
    public async Task<IReadOnlyList<string>> WarningsAsync(
        Caller caller,
        Guid projectId,
        Guid versionId,
        CancellationToken cancellationToken
    )
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        var version =
            await work
                .Db.DatasetVersions.AsNoTracking()
                .Include(v => v.Dataset)
                .SingleOrDefaultAsync(v => v.Id == versionId && v.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such dataset version in this project.");
        var warnings = ConflictsOf(await UploadsOfAsync(work, await AncestorsAsync(work, version, cancellationToken), cancellationToken))
            .ToList();
        if (version.LeakRows > 0)
        {
            warnings.Add(
                version.LeakReason is { } reason
                    ? $"{version.LeakRows:N0} rows stand among those that judge them. A lead answers for it: {reason}"
                    : $"{version.LeakRows:N0} rows stand among those that judge them; no run may use this version before a lead answers for it."
            );
        }

        return warnings;
    }

    private static IReadOnlyList<string> ConflictsOf(IEnumerable<Upload> uploads) =>
        SourceRights.Conflicts([.. uploads.Select(u => (u.FileName, RightsOf(u)))]);

    internal static SourceRights? RightsOf(Upload upload) => upload.Rights is { } rights ? RecipeJson.Read<SourceRights>(rights) : null;

    private static SheetAnswers AnswersOf(Dataset dataset) =>
        dataset.Sheet is { } sheet ? RecipeJson.Read<SheetAnswers>(sheet)! : new SheetAnswers();

    /// <summary>What labeling wrote down of people's agreement when it made a version.</summary>
    internal static IEnumerable<AgreementFact> AgreementOf(DatasetVersion version)
    {
        if (
            version.Kind != VersionKind.Labeled
            || RecipeJson.Read<LabeledReport>(version.Report) is not { Agreement: { } agreement } report
        )
        {
            return [];
        }

        var questions = (RecipeJson.Read<LabeledRecipe>(version.Recipe)?.Questions ?? []).ToDictionary(q => q.Key, q => q.Text);
        var people = report.People ?? [];
        return agreement.Select(a => new AgreementFact(
            $"{version.Dataset!.Name} version {version.Number}",
            questions.GetValueOrDefault(a.Key, a.Key),
            a.Share,
            a.Alpha,
            a is { Low: { } low, High: { } high } ? (low, high) : null,
            a.Items,
            people.Count,
            people.Sum(p => p.Answers)
        ));
    }

    private sealed record LabeledReport(IReadOnlyList<LabeledAgreement>? Agreement, IReadOnlyList<LabeledPerson>? People);

    private sealed record LabeledAgreement(string Key, double? Share, double? Alpha, double? Low, double? High, int Items);

    private sealed record LabeledPerson(int Answers);

    private sealed record LabeledRecipe(IReadOnlyList<LabeledQuestion>? Questions);

    private sealed record LabeledQuestion(string Key, string Text);

    private static IEnumerable<string> WhatWasDone(DatasetVersion version)
    {
        switch (version.Kind)
        {
            case VersionKind.Imported when version.UploadId is not null:
                var import = RecipeJson.Read<ImportSummary>(version.Report)!;
                yield return $"Read from {RecipeJson.Read<ImportRecipe>(version.Recipe)!.FileName}: {import.RowsKept:N0} of {import.RecordsRead:N0} records; {import.ProblemCount:N0} could not be read.";
                break;
            case VersionKind.Cleaned:
                foreach (var step in RecipeJson.Read<CleanSummary>(version.Report)!.Steps)
                {
                    yield return $"{StepWords.Sentence(step.Step)} Changed {step.Changed:N0}, set aside {step.SetAside:N0} of {step.RowsIn:N0} rows.";
                }

                break;
            case VersionKind.Split:
                var split = RecipeJson.Read<SplitSummary>(version.Report)!;
                yield return $"Dealt into {split.Train:N0} rows to train on, {split.Validation:N0} to watch by and {split.Test:N0} to judge by.";
                break;
            case VersionKind.Joined:
                var join = RecipeJson.Read<JoinSummary>(version.Report)!;
                yield return $"{join.Added:N0} rows were added, {join.AddedTest:N0} of them to judge by; {join.Repeated:N0} were left out, for their prompt was there already.";
                break;
            case VersionKind.Made:
                yield return MakeWords.Sentence(
                    RecipeJson.Read<MakeRecipe>(version.Recipe)!,
                    RecipeJson.Read<MakeSummary>(version.Report)!
                );
                break;
            case VersionKind.Labeled:
                yield return "Made of answers that people gave and reviewed.";
                break;
        }
    }

    /// <summary>Audits a version and keeps the report with it, for its datasheet.</summary>
    public async Task<BiasReport> AuditBiasAsync(
        Caller caller,
        Guid projectId,
        Guid datasetId,
        int number,
        BiasQuestion question,
        CancellationToken cancellationToken
    )
    {
        string path;
        await using (var reading = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken))
        {
            path = store.PathOf((await FindAsync(reading, datasetId, number, cancellationToken)).Sha256);
        }

        var report = await Task.Run(() => new BiasAuditor(limits).AuditAsync(path, question, cancellationToken), cancellationToken);
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ManageData, cancellationToken);
        var version = await FindAsync(work, datasetId, number, cancellationToken);
        version.NoteBias(RecipeJson.Write(report));
        work.Audit(
            "dataset.bias-audited",
            version.Id,
            null,
            new
            {
                question.Column,
                question.Favourable,
                report.Labels.StatisticalParityDifference,
            }
        );
        await work.SaveAsync(cancellationToken);
        return report;
    }
}
