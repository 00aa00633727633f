using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Domain.Audit;

namespace WebTrainer.Data.Configurations;

internal sealed class AuditConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    // Update and delete are also refused by triggers, which a migration creates.
    public void Configure(EntityTypeBuilder<AuditEntry> entry) => entry.HasIndex(e => new { e.ProjectId, e.Id });
}
