using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Files;
using WebTrainer.Domain;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Projects;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Uploads;
using WebTrainer.Protocol;
using WebTrainer.Scoring.Benchmarks;

namespace WebTrainer.Portal.Features.Evaluations.Benchmarks;

/// <param name="Kind">What the file was recognised as.</param>
public sealed record BenchmarkView(
    Guid Id,
    string Name,
    BenchmarkKind Kind,
    string Sha256,
    long Bytes,
    int Questions,
    DateTimeOffset AddedAt
);

/// <summary>Published benchmarks that a project's models can be asked.</summary>
public sealed class BenchmarkLibrary(Authorizer authorizer, FileStore files, UploadService uploads)
{
    public async Task<IReadOnlyList<BenchmarkView>> ListAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.ViewResults, cancellationToken);
        return
        [
            .. (
                await work
                    .Db.BenchmarkFiles.AsNoTracking()
                    .Where(b => b.ProjectId == projectId)
                    .OrderBy(b => b.Name)
                    .ToListAsync(cancellationToken)
            ).Select(View),
        ];
    }

    public async Task<bool> MayManageAsync(Caller caller, Guid projectId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Enter, cancellationToken);
        return work.Role.Allows(Permission.Evaluate);
    }

    /// <summary>Reads an uploaded file, tells what it is, and keeps it; the upload is discarded then.</summary>
    /// <exception cref="RuleViolationException">It is none of the known benchmarks, or its rows can't be read; the message says
    /// which.</exception>
    public async Task<BenchmarkView> AddAsync(Caller caller, Guid projectId, Guid uploadId, CancellationToken cancellationToken)
    {
        BenchmarkFile file;
        await using (var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken))
        {
            var upload =
                await work
                    .Db.Uploads.AsNoTracking()
                    .SingleOrDefaultAsync(u => u.Id == uploadId && u.ProjectId == projectId && u.CompletedAt != null, cancellationToken)
                ?? throw new NotFoundException("There is no such upload, or it has not arrived whole.");
            if (await work.Db.BenchmarkFiles.AnyAsync(b => b.ProjectId == projectId && b.Name == upload.FileName, cancellationToken))
            {
                throw new RuleViolationException(
                    $"This project already has a benchmark {upload.FileName}. Take it away first, or give the file another name."
                );
            }

            var (kind, questions) = await Task.Run(
                () => Look(files.PathOf(upload.Sha256!), upload.FileName, cancellationToken),
                cancellationToken
            );
            file = new BenchmarkFile(
                projectId,
                upload.FileName,
                kind.ToString(),
                upload.Sha256!,
                upload.Length,
                questions,
                caller.UserId,
                work.Now
            );
            work.Db.BenchmarkFiles.Add(file);
            work.Audit(
                "benchmark.added",
                file.Id,
                null,
                new
                {
                    file.Name,
                    file.Kind,
                    file.Sha256,
                    file.Questions,
                }
            );
            await work.SaveAsync(cancellationToken);
        }

        await uploads.DiscardAsync(caller, projectId, uploadId, cancellationToken);
        return View(file);
    }

    /// <summary>Offers a benchmark no more. Its file stays: evaluations that were made with it lead back to it.</summary>
    public async Task RemoveAsync(Caller caller, Guid projectId, Guid benchmarkId, CancellationToken cancellationToken)
    {
        await using var work = await authorizer.OpenAsync(caller, projectId, Permission.Evaluate, cancellationToken);
        var file =
            await work.Db.BenchmarkFiles.SingleOrDefaultAsync(b => b.Id == benchmarkId && b.ProjectId == projectId, cancellationToken)
            ?? throw new NotFoundException("There is no such benchmark in this project.");
        work.Db.BenchmarkFiles.Remove(file);
        work.Audit(
            "benchmark.removed",
            file.Id,
            new
            {
                file.Name,
                file.Kind,
                file.Sha256,
            }
        );
        await work.SaveAsync(cancellationToken);
    }

    private static (BenchmarkKind Kind, int Questions) Look(string path, string name, CancellationToken cancellationToken)
    {
        try
        {
            var texts = BenchmarkFiles.Read(path, name);
            var kind = BenchmarkReader.Recognise(texts);
            return (
                kind,
                BenchmarkReader.Make(new BenchmarkSpec { Kind = kind, Name = name }, texts, OwnData.None, cancellationToken).Questions.Count
            );
        }
        catch (BenchmarkException exception)
        {
            throw new RuleViolationException(exception.Message);
        }
    }

    private static BenchmarkView View(BenchmarkFile file) =>
        new(file.Id, file.Name, Enum.Parse<BenchmarkKind>(file.Kind), file.Sha256, file.Bytes, file.Questions, file.AddedAt);
}
