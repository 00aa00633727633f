using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Access;
using WebTrainer.Domain.Audit;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Deployments;
using WebTrainer.Domain.Evaluations;
using WebTrainer.Domain.Judging;
using WebTrainer.Domain.Labels;
using WebTrainer.Domain.Monitoring;
using WebTrainer.Domain.Notices;
using WebTrainer.Domain.Projects;
using WebTrainer.Domain.Runs;
using WebTrainer.Domain.Searches;

namespace WebTrainer.Data;

/// <summary>People, projects, labels, runs and the audit log. Rows of datasets are not here: they are Parquet files.</summary>
public sealed class AppDb(DbContextOptions<AppDb> options) : IdentityUserContext<AppUser>(options)
{
    public DbSet<Project> Projects => Set<Project>();
    public DbSet<Membership> Memberships => Set<Membership>();
    public DbSet<Deputy> Deputies => Set<Deputy>();
    public DbSet<Goal> Goals => Set<Goal>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<KeyDay> KeyDays => Set<KeyDay>();
    public DbSet<PersonalAccessToken> PersonalAccessTokens => Set<PersonalAccessToken>();
    public DbSet<UserSession> UserSessions => Set<UserSession>();
    public DbSet<PasswordReset> PasswordResets => Set<PasswordReset>();
    public DbSet<DirectoryRule> DirectoryRules => Set<DirectoryRule>();
    public DbSet<CommandReceipt> CommandReceipts => Set<CommandReceipt>();
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();
    public DbSet<AuditSeal> AuditSeals => Set<AuditSeal>();
    public DbSet<AuditKey> AuditKeys => Set<AuditKey>();
    public DbSet<Upload> Uploads => Set<Upload>();
    public DbSet<Dataset> Datasets => Set<Dataset>();
    public DbSet<DatasetVersion> DatasetVersions => Set<DatasetVersion>();
    public DbSet<DataJob> DataJobs => Set<DataJob>();
    public DbSet<DataSource> DataSources => Set<DataSource>();
    public DbSet<SavedItem> SavedItems => Set<SavedItem>();
    public DbSet<LabelTask> LabelTasks => Set<LabelTask>();
    public DbSet<LabelItem> LabelItems => Set<LabelItem>();
    public DbSet<TaskGuidelines> TaskGuidelines => Set<TaskGuidelines>();
    public DbSet<Assignment> Assignments => Set<Assignment>();
    public DbSet<AnswerVersion> AnswerVersions => Set<AnswerVersion>();
    public DbSet<ItemNote> ItemNotes => Set<ItemNote>();
    public DbSet<ModelAnswer> ModelAnswers => Set<ModelAnswer>();
    public DbSet<WeakLabeling> WeakLabelings => Set<WeakLabeling>();
    public DbSet<Job> Jobs => Set<Job>();
    public DbSet<DeviceUse> DeviceUses => Set<DeviceUse>();
    public DbSet<JobMetric> JobMetrics => Set<JobMetric>();
    public DbSet<JobEvent> JobEvents => Set<JobEvent>();
    public DbSet<Run> Runs => Set<Run>();
    public DbSet<SettingSearch> Searches => Set<SettingSearch>();
    public DbSet<SearchTrial> SearchTrials => Set<SearchTrial>();
    public DbSet<Evaluation> Evaluations => Set<Evaluation>();
    public DbSet<Deployment> Deployments => Set<Deployment>();
    public DbSet<DeploymentVersion> DeploymentVersions => Set<DeploymentVersion>();
    public DbSet<AlertRule> AlertRules => Set<AlertRule>();
    public DbSet<Webhook> Webhooks => Set<Webhook>();
    public DbSet<Delivery> Deliveries => Set<Delivery>();
    public DbSet<NoticePreference> NoticePreferences => Set<NoticePreference>();
    public DbSet<NoticeMark> NoticeMarks => Set<NoticeMark>();
    public DbSet<Retraining> Retrainings => Set<Retraining>();
    public DbSet<RetrainingRule> RetrainingRules => Set<RetrainingRule>();
    public DbSet<Feedback> Feedbacks => Set<Feedback>();
    public DbSet<BenchmarkFile> BenchmarkFiles => Set<BenchmarkFile>();
    public DbSet<Judge> Judges => Set<Judge>();
    public DbSet<JudgeWork> JudgeWorks => Set<JudgeWork>();
    public DbSet<JudgeVerdict> JudgeVerdicts => Set<JudgeVerdict>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(AppDb).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
    }

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        foreach (var entry in ChangeTracker.Entries<AuditEntry>())
        {
            if (entry.State is EntityState.Modified or EntityState.Deleted)
            {
                throw new InvalidOperationException("The audit log is append-only.");
            }
        }

        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }
}
