using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;

namespace WebTrainer.Data.Configurations;

internal sealed class DeploymentConfiguration : IEntityTypeConfiguration<Deployment>
{
    public void Configure(EntityTypeBuilder<Deployment> deployment)
    {
        deployment.Property(d => d.Id).ValueGeneratedNever();
        deployment.Property(d => d.Name).HasMaxLength(Deployment.MaxNameLength);
        deployment.Property(d => d.Purpose).HasMaxLength(Deployment.MaxPurposeLength);
        deployment.Property(d => d.Revision).IsConcurrencyToken();
        deployment.HasIndex(d => new { d.ProjectId, d.Name }).IsUnique();
        deployment.HasOne<Project>().WithMany().HasForeignKey(d => d.ProjectId);
    }
}

internal sealed class DeploymentVersionConfiguration : IEntityTypeConfiguration<DeploymentVersion>
{
    public void Configure(EntityTypeBuilder<DeploymentVersion> version)
    {
        version.Property(v => v.Id).ValueGeneratedNever();
        version.Property(v => v.Reason).HasMaxLength(DeploymentVersion.MaxReasonLength);
        version.Property(v => v.Revision).IsConcurrencyToken();
        version.Ignore(v => v.MayAnswer);
        version.HasIndex(v => new { v.DeploymentId, v.Number }).IsUnique();
        version.HasOne<Deployment>().WithMany().HasForeignKey(v => v.DeploymentId);
        // what answered callers is evidence
        version.HasOne<Run>().WithMany().HasForeignKey(v => v.RunId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class FeedbackConfiguration : IEntityTypeConfiguration<Feedback>
{
    public void Configure(EntityTypeBuilder<Feedback> feedback)
    {
        feedback.HasKey(f => new { f.DeploymentId, f.RequestId });
        feedback.Property(f => f.RequestId).HasMaxLength(Feedback.MaxRequestLength);
        feedback.Ignore(f => f.IsGood);
        feedback.HasIndex(f => new { f.DeploymentId, f.At });
        feedback.HasOne<Deployment>().WithMany().HasForeignKey(f => f.DeploymentId);
        feedback.HasOne<DeploymentVersion>().WithMany().HasForeignKey(f => f.VersionId);
    }
}

internal sealed class AlertRuleConfiguration : IEntityTypeConfiguration<AlertRule>
{
    public void Configure(EntityTypeBuilder<AlertRule> rule)
    {
        rule.Property(r => r.Id).ValueGeneratedNever();
        rule.Property(r => r.Webhook).HasMaxLength(AlertRule.MaxWebhookLength);
        rule.HasIndex(r => r.DeploymentId);
        rule.HasOne<Deployment>().WithMany().HasForeignKey(r => r.DeploymentId);
    }
}

internal sealed class RetrainingConfiguration : IEntityTypeConfiguration<Retraining>
{
    public void Configure(EntityTypeBuilder<Retraining> retraining)
    {
        retraining.Property(r => r.Id).ValueGeneratedNever();
        retraining.Property(r => r.Why).HasMaxLength(Retraining.MaxWordsLength);
        retraining.Property(r => r.Problem).HasMaxLength(Retraining.MaxWordsLength);
        retraining.Property(r => r.Reason).HasMaxLength(Retraining.MaxWordsLength);
        retraining.Property(r => r.Revision).IsConcurrencyToken();
        // one at a time: whoever opens a second at the same moment is refused
        retraining.HasIndex(r => r.DeploymentId).IsUnique().HasFilter($"\"State\" = '{RetrainingState.Open}'");
        retraining.HasIndex(r => new { r.DeploymentId, r.OpenedAt });
        retraining.HasOne<Deployment>().WithMany().HasForeignKey(r => r.DeploymentId);
    }
}

internal sealed class RetrainingRuleConfiguration : IEntityTypeConfiguration<RetrainingRule>
{
    public void Configure(EntityTypeBuilder<RetrainingRule> rule)
    {
        rule.HasKey(r => r.DeploymentId);
        rule.Property(r => r.Schedule).HasMaxLength(RetrainingRule.MaxScheduleLength);
        rule.Ignore(r => r.IsOn);
        rule.HasOne<Deployment>().WithMany().HasForeignKey(r => r.DeploymentId);
    }
}
