using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Notices;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Data.Configurations;

internal sealed class WebhookConfiguration : IEntityTypeConfiguration<Webhook>
{
    public void Configure(EntityTypeBuilder<Webhook> webhook)
    {
        webhook.Property(w => w.Id).ValueGeneratedNever();
        webhook.Property(w => w.Address).HasMaxLength(Webhook.MaxAddressLength);
        webhook.Property(w => w.Topics).HasJson(damaged: () => []);
        webhook.HasIndex(w => new { w.ProjectId, w.Address }).IsUnique();
        webhook.HasOne<Project>().WithMany().HasForeignKey(w => w.ProjectId);
    }
}

internal sealed class DeliveryConfiguration : IEntityTypeConfiguration<Delivery>
{
    public void Configure(EntityTypeBuilder<Delivery> delivery)
    {
        delivery.Property(d => d.Id).ValueGeneratedNever();
        delivery.Property(d => d.Subject).HasMaxLength(Delivery.MaxSubjectLength);
        delivery.Property(d => d.Problem).HasMaxLength(Delivery.MaxProblemLength);
        delivery.Property(d => d.Revision).IsConcurrencyToken();
        delivery.HasIndex(d => d.NextAt);
        delivery.HasIndex(d => new { d.ProjectId, d.DeadAt });
        delivery.HasOne<Project>().WithMany().HasForeignKey(d => d.ProjectId);
        delivery.HasOne<Webhook>().WithMany().HasForeignKey(d => d.WebhookId).OnDelete(DeleteBehavior.Cascade);
        delivery.HasOne<AppUser>().WithMany().HasForeignKey(d => d.UserId);
    }
}

internal sealed class NoticePreferenceConfiguration : IEntityTypeConfiguration<NoticePreference>
{
    public void Configure(EntityTypeBuilder<NoticePreference> preference)
    {
        preference.HasKey(p => p.UserId);
        preference.Property(p => p.Address).HasMaxLength(NoticePreference.MaxAddressLength);
        preference.Property(p => p.Topics).HasJson(damaged: () => []);
        preference.HasOne<AppUser>().WithOne().HasForeignKey<NoticePreference>(p => p.UserId);
    }
}

internal sealed class NoticeMarkConfiguration : IEntityTypeConfiguration<NoticeMark>
{
    public void Configure(EntityTypeBuilder<NoticeMark> mark) => mark.Property(m => m.Id).ValueGeneratedNever();
}
