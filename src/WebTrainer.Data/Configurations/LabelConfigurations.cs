using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Data.Configurations;

internal sealed class LabelTaskConfiguration : IEntityTypeConfiguration<LabelTask>
{
    public void Configure(EntityTypeBuilder<LabelTask> task)
    {
        task.Property(t => t.Name).HasMaxLength(LabelTask.MaxNameLength);
        task.HasIndex(t => t.ProjectId);
        task.HasOne<DatasetVersion>().WithMany().HasForeignKey(t => t.DatasetVersionId)
            .OnDelete(DeleteBehavior.Restrict); // data that people judged is evidence
    }
}

internal sealed class LabelItemConfiguration : IEntityTypeConfiguration<LabelItem>
{
    public void Configure(EntityTypeBuilder<LabelItem> item)
    {
        item.Property(i => i.Id).ValueGeneratedNever();
        item.Property(i => i.Revision).IsConcurrencyToken();
        item.HasIndex(i => new { i.TaskId, i.State, i.Ordinal });
        item.HasIndex(i => new { i.TaskId, i.Ordinal }).IsUnique();
        item.HasOne<LabelTask>().WithMany().HasForeignKey(i => i.TaskId);
        item.HasMany(i => i.Answers).WithOne().HasForeignKey(a => a.ItemId);
    }
}

internal sealed class LabelAnswerConfiguration : IEntityTypeConfiguration<LabelAnswer>
{
    public void Configure(EntityTypeBuilder<LabelAnswer> answer)
    {
        answer.Property(a => a.Id).ValueGeneratedNever();
        answer.HasIndex(a => new { a.ItemId, a.UserId }).IsUnique(); // one answer a person, however often it is sent
        answer.HasOne<AppUser>().WithMany().HasForeignKey(a => a.UserId).OnDelete(DeleteBehavior.Restrict);
    }
}
