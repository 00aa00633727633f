using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Domain.Audit;

namespace WebTrainer.Data.Configurations;

// Update and delete are also refused by triggers, which migrations create; another one seals each entry. A migration that makes a table
// anew must make its triggers again.
internal sealed class AuditConfiguration
    : IEntityTypeConfiguration<AuditEntry>,
        IEntityTypeConfiguration<AuditSeal>,
        IEntityTypeConfiguration<AuditKey>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entry) => entry.HasIndex(e => new { e.ProjectId, e.Id });

    public void Configure(EntityTypeBuilder<AuditSeal> seal)
    {
        seal.HasKey(s => s.EntryId);
        seal.Property(s => s.EntryId).ValueGeneratedNever();
    }

    public void Configure(EntityTypeBuilder<AuditKey> key) => key.HasIndex(k => new { k.ProjectId, k.KeyId });
}
