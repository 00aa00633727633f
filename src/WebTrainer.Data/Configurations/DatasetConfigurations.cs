using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Data.Configurations;

internal sealed class UploadConfiguration : IEntityTypeConfiguration<Upload>
{
    public void Configure(EntityTypeBuilder<Upload> upload)
    {
        upload.Property(u => u.FileName).HasMaxLength(Upload.MaxFileNameLength);
        upload.HasOne<Project>().WithMany().HasForeignKey(u => u.ProjectId);
    }
}

internal sealed class DatasetConfiguration : IEntityTypeConfiguration<Dataset>
{
    public void Configure(EntityTypeBuilder<Dataset> dataset)
    {
        dataset.Property(d => d.Name).HasMaxLength(Dataset.MaxNameLength);
        dataset.HasIndex(d => new { d.ProjectId, d.Name }).IsUnique();
        dataset.HasOne<Project>().WithMany().HasForeignKey(d => d.ProjectId);
        dataset.HasMany(d => d.Versions).WithOne(v => v.Dataset).HasForeignKey(v => v.DatasetId);
    }
}

internal sealed class DatasetVersionConfiguration : IEntityTypeConfiguration<DatasetVersion>
{
    public void Configure(EntityTypeBuilder<DatasetVersion> version)
    {
        version.Property(v => v.Id).ValueGeneratedNever();
        version.HasIndex(v => new { v.DatasetId, v.Number }).IsUnique();
        version.HasIndex(v => v.ProjectId);
    }
}
