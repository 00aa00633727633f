using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Data.Configurations;

internal sealed class DirectoryRuleConfiguration : IEntityTypeConfiguration<DirectoryRule>
{
    public void Configure(EntityTypeBuilder<DirectoryRule> rule)
    {
        rule.Property(r => r.Id).ValueGeneratedNever();
        rule.Property(r => r.Claim).HasMaxLength(DirectoryRule.MaxClaimLength);
        rule.Property(r => r.Value).HasMaxLength(DirectoryRule.MaxValueLength);
        rule.HasOne<Project>().WithMany().HasForeignKey(r => r.ProjectId);
    }
}

internal sealed class UserSessionConfiguration : IEntityTypeConfiguration<UserSession>
{
    public void Configure(EntityTypeBuilder<UserSession> session)
    {
        session.Property(s => s.Id).ValueGeneratedNever();
        session.Property(s => s.Device).HasMaxLength(UserSession.MaxDeviceLength);
        session.Ignore(s => s.IsStrong);
        session.HasIndex(s => new { s.UserId, s.EndedAt });
        session.HasOne<AppUser>().WithMany().HasForeignKey(s => s.UserId);
    }
}

internal sealed class PasswordResetConfiguration : IEntityTypeConfiguration<PasswordReset>
{
    public void Configure(EntityTypeBuilder<PasswordReset> reset)
    {
        reset.Property(r => r.Id).ValueGeneratedNever();
        reset.HasIndex(r => r.TokenHash).IsUnique();
        reset.Property(r => r.Revision).IsConcurrencyToken();
        reset.HasOne<AppUser>().WithMany().HasForeignKey(r => r.UserId);
    }
}

/// <summary>
/// As Identity's own third schema has it. Which schema a context has would else stand in the options of whatever program opens it.
/// </summary>
internal sealed class PasskeyConfiguration : IEntityTypeConfiguration<IdentityUserPasskey<string>>
{
    /// <summary>Bytes of a credential's id, by WebAuthn.</summary>
    private const int MaxCredentialId = 1023;

    public void Configure(EntityTypeBuilder<IdentityUserPasskey<string>> passkey)
    {
        passkey.ToTable("AspNetUserPasskeys");
        passkey.HasKey(p => p.CredentialId);
        passkey.Property(p => p.CredentialId).HasMaxLength(MaxCredentialId);
        passkey.OwnsOne(p => p.Data).ToJson();
        passkey.HasOne<AppUser>().WithMany().HasForeignKey(p => p.UserId).IsRequired();
    }
}
