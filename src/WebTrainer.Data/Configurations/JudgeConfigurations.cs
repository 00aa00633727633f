using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Data.Configurations;

internal sealed class JudgeConfiguration : IEntityTypeConfiguration<Judge>
{
    public void Configure(EntityTypeBuilder<Judge> judge)
    {
        judge.Property(j => j.Id).ValueGeneratedNever();
        judge.Property(j => j.Name).HasMaxLength(Judge.MaxNameLength);
        judge.Property(j => j.Address).HasMaxLength(Judge.MaxAddressLength);
        judge.Property(j => j.Model).HasMaxLength(Judge.MaxModelLength);
        judge.Property(j => j.Revision).IsConcurrencyToken();
        judge.HasIndex(j => new { j.ProjectId, j.Name }).IsUnique();
        judge.HasOne<Project>().WithMany().HasForeignKey(j => j.ProjectId);
    }
}

internal sealed class JudgeWorkConfiguration : IEntityTypeConfiguration<JudgeWork>
{
    public void Configure(EntityTypeBuilder<JudgeWork> work)
    {
        work.ToTable("JudgeWorks");
        work.Property(w => w.Id).ValueGeneratedNever();
        work.Property(w => w.Error).HasMaxLength(JudgeWork.MaxErrorLength);
        work.Property(w => w.Revision).IsConcurrencyToken();
        work.HasIndex(w => w.State);
        work.HasIndex(w => new { w.ProjectId, w.Subject });
        work.HasIndex(w => new { w.JudgeId, w.SettingsSha256 });
        work.HasOne<Judge>().WithMany().HasForeignKey(w => w.JudgeId).OnDelete(DeleteBehavior.Restrict); // what judged is evidence
    }
}

internal sealed class JudgeVerdictConfiguration : IEntityTypeConfiguration<JudgeVerdict>
{
    public void Configure(EntityTypeBuilder<JudgeVerdict> verdict)
    {
        verdict.HasKey(v => v.Key);
        verdict.Property(v => v.Key).HasMaxLength(64);
        verdict.Property(v => v.Reply).HasMaxLength(JudgeVerdict.MaxReplyLength);
        verdict.HasOne<Judge>().WithMany().HasForeignKey(v => v.JudgeId).OnDelete(DeleteBehavior.Restrict);
    }
}
