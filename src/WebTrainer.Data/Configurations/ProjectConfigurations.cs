using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Data.Configurations;

internal sealed class ProjectConfiguration : IEntityTypeConfiguration<Project>
{
    public void Configure(EntityTypeBuilder<Project> project)
    {
        project.Property(p => p.Name).HasMaxLength(Project.MaxNameLength);
        project.Property(p => p.NextNumber).IsConcurrencyToken(); // two runs submitted at once must not share a number
        project.Property(p => p.Policy).HasJson(damaged: () => Domain.Policies.ProjectPolicy.Damaged); // lets nothing pass
        project.HasMany(p => p.Members).WithOne().HasForeignKey(m => m.ProjectId);
        project.HasMany(p => p.Goals).WithOne().HasForeignKey(g => g.ProjectId);
    }
}

internal sealed class MembershipConfiguration : IEntityTypeConfiguration<Membership>
{
    public void Configure(EntityTypeBuilder<Membership> member)
    {
        member.HasKey(m => new { m.ProjectId, m.UserId });
        member.HasOne<AppUser>().WithMany().HasForeignKey(m => m.UserId);
    }
}

internal sealed class DeputyConfiguration : IEntityTypeConfiguration<Deputy>
{
    public void Configure(EntityTypeBuilder<Deputy> deputy)
    {
        deputy.Property(d => d.Id).ValueGeneratedNever();
        deputy.HasIndex(d => new { d.UserId, d.Until }); // asked with each use case
        deputy.HasOne<Project>().WithMany().HasForeignKey(d => d.ProjectId);
        deputy.HasOne<AppUser>().WithMany().HasForeignKey(d => d.UserId);
        deputy.HasOne<AppUser>().WithMany().HasForeignKey(d => d.LeadId);
    }
}

internal sealed class GoalConfiguration : IEntityTypeConfiguration<Goal>
{
    public void Configure(EntityTypeBuilder<Goal> goal)
    {
        goal.Property(g => g.Id).ValueGeneratedNever();
        goal.Property(g => g.BenchmarkKind).HasMaxLength(Goal.MaxAimLength);
        goal.Property(g => g.BenchmarkMetric).HasMaxLength(Goal.MaxAimLength);
        goal.Property(g => g.Label).HasMaxLength(Goal.MaxLabelLength);
        goal.Ignore(g => g.Aim);
    }
}

internal sealed class InvitationConfiguration : IEntityTypeConfiguration<Invitation>
{
    public void Configure(EntityTypeBuilder<Invitation> invitation)
    {
        invitation.HasIndex(i => i.TokenHash).IsUnique();
        invitation.Property(i => i.Revision).IsConcurrencyToken();
        invitation.HasOne<Project>().WithMany().HasForeignKey(i => i.ProjectId);
    }
}

internal sealed class ApiKeyConfiguration : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> key)
    {
        key.HasIndex(k => k.Hash).IsUnique();
        key.HasOne<Project>().WithMany().HasForeignKey(k => k.ProjectId);
        // one that can't be read reaches nothing
        key.Property(k => k.Bounds).HasJson(damaged: () => new KeyBounds { Deployments = [Guid.Empty] });
    }
}

internal sealed class KeyDayConfiguration : IEntityTypeConfiguration<KeyDay>
{
    public void Configure(EntityTypeBuilder<KeyDay> day)
    {
        day.HasKey(d => new { d.KeyId, d.Day });
        day.HasOne<ApiKey>().WithMany().HasForeignKey(d => d.KeyId);
    }
}

internal sealed class PersonalAccessTokenConfiguration : IEntityTypeConfiguration<PersonalAccessToken>
{
    public void Configure(EntityTypeBuilder<PersonalAccessToken> token)
    {
        token.HasIndex(t => t.Hash).IsUnique();
        token.HasOne<AppUser>().WithMany().HasForeignKey(t => t.UserId);
    }
}

internal sealed class CommandReceiptConfiguration : IEntityTypeConfiguration<CommandReceipt>
{
    public void Configure(EntityTypeBuilder<CommandReceipt> receipt)
    {
        receipt.Property(r => r.Id).ValueGeneratedNever();
        receipt.Property(r => r.Key).HasMaxLength(CommandReceipt.MaxKeyLength);
        receipt.Property(r => r.Command).HasMaxLength(CommandReceipt.MaxCommandLength);
        receipt.HasIndex(r => new { r.UserId, r.Key }).IsUnique(); // a key counts once a person
        receipt.HasIndex(r => r.At);
        receipt.HasOne<AppUser>().WithMany().HasForeignKey(r => r.UserId);
    }
}
