using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Data.Configurations;

internal sealed class DataJobConfiguration : IEntityTypeConfiguration<DataJob>
{
    public void Configure(EntityTypeBuilder<DataJob> job)
    {
        job.Property(j => j.Id).ValueGeneratedNever();
        job.Property(j => j.Title).HasMaxLength(DataJob.MaxTitleLength);
        job.Property(j => j.Error).HasMaxLength(DataJob.MaxErrorLength);
        job.HasIndex(j => j.State);
        job.HasOne<Project>().WithMany().HasForeignKey(j => j.ProjectId);
    }
}

internal sealed class DataSourceConfiguration : IEntityTypeConfiguration<DataSource>
{
    public void Configure(EntityTypeBuilder<DataSource> source)
    {
        source.Property(s => s.Id).ValueGeneratedNever();
        source.Property(s => s.Name).HasMaxLength(DataSource.MaxNameLength);
        source.Property(s => s.DatasetName).HasMaxLength(Dataset.MaxNameLength);
        source.Property(s => s.Schedule).HasMaxLength(DataSource.MaxCronLength);
        source.HasIndex(s => new { s.ProjectId, s.Name }).IsUnique();
        source.HasOne<Project>().WithMany().HasForeignKey(s => s.ProjectId);
    }
}

internal sealed class SavedItemConfiguration : IEntityTypeConfiguration<SavedItem>
{
    public void Configure(EntityTypeBuilder<SavedItem> item)
    {
        item.Property(i => i.Id).ValueGeneratedNever();
        item.Property(i => i.Name).HasMaxLength(SavedItem.MaxNameLength);
        item.HasIndex(i => new
            {
                i.ProjectId,
                i.Kind,
                i.Name,
            })
            .IsUnique();
        item.HasOne<Project>().WithMany().HasForeignKey(i => i.ProjectId);
    }
}
