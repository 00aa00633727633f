using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;

namespace WebTrainer.Data.Configurations;

internal sealed class JobConfiguration : IEntityTypeConfiguration<Job>
{
    public void Configure(EntityTypeBuilder<Job> job)
    {
        job.Property(j => j.Id).ValueGeneratedNever();
        job.Property(j => j.Revision).IsConcurrencyToken();
        job.HasIndex(j => new { j.State, j.QueuedAt });
        job.HasIndex(j => j.CameAt);
        job.HasMany(j => j.Uses).WithOne().HasForeignKey(u => u.JobId);
    }
}

internal sealed class DeviceUseConfiguration : IEntityTypeConfiguration<DeviceUse>
{
    public void Configure(EntityTypeBuilder<DeviceUse> use)
    {
        use.Property(u => u.Id).ValueGeneratedNever();
        use.HasIndex(u => u.Until);
    }
}

internal sealed class JobMetricConfiguration : IEntityTypeConfiguration<JobMetric>
{
    public void Configure(EntityTypeBuilder<JobMetric> metric)
    {
        metric.HasKey(m => new { m.JobId, m.Seq });
        metric.HasOne<Job>().WithMany().HasForeignKey(m => m.JobId);
    }
}

internal sealed class JobEventConfiguration : IEntityTypeConfiguration<JobEvent>
{
    public void Configure(EntityTypeBuilder<JobEvent> jobEvent)
    {
        jobEvent.HasKey(e => new { e.JobId, e.Seq });
        jobEvent.HasOne<Job>().WithMany().HasForeignKey(e => e.JobId);
    }
}

internal sealed class RunConfiguration : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> run)
    {
        run.Property(r => r.Id).ValueGeneratedNever();
        run.Property(r => r.Name).HasMaxLength(Run.MaxNameLength);
        run.Property(r => r.ImportedFrom).HasMaxLength(Run.MaxOriginLength);
        run.Ignore(r => r.IsImported);
        run.Ignore(r => r.PlannedTime);
        run.Property(r => r.Revision).IsConcurrencyToken();
        run.HasIndex(r => new { r.ProjectId, r.Number }).IsUnique();
        run.HasOne(r => r.Job).WithOne().HasForeignKey<Run>(r => r.JobId);
        // data that something was trained on is evidence
        run.HasOne<DatasetVersion>().WithMany().HasForeignKey(r => r.DatasetVersionId).OnDelete(DeleteBehavior.Restrict);
        run.HasOne<Run>().WithMany().HasForeignKey(r => r.LikeRunId).OnDelete(DeleteBehavior.Restrict);
        run.HasOne<SettingSearch>().WithMany().HasForeignKey(r => r.SearchId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class EvaluationConfiguration : IEntityTypeConfiguration<Evaluation>
{
    public void Configure(EntityTypeBuilder<Evaluation> evaluation)
    {
        evaluation.Property(e => e.Id).ValueGeneratedNever();
        evaluation.HasIndex(e => new { e.ProjectId, e.Number }).IsUnique();
        evaluation.HasOne(e => e.Job).WithOne().HasForeignKey<Evaluation>(e => e.JobId);
        evaluation.HasOne<DatasetVersion>().WithMany().HasForeignKey(e => e.DatasetVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class BenchmarkFileConfiguration : IEntityTypeConfiguration<BenchmarkFile>
{
    public void Configure(EntityTypeBuilder<BenchmarkFile> file)
    {
        file.Property(f => f.Id).ValueGeneratedNever();
        file.Property(f => f.Name).HasMaxLength(BenchmarkFile.MaxNameLength);
        file.HasIndex(f => new { f.ProjectId, f.Name }).IsUnique();
    }
}
