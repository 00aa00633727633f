using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Searches;

namespace WebTrainer.Data.Configurations;

internal sealed class SettingSearchConfiguration : IEntityTypeConfiguration<SettingSearch>
{
    public void Configure(EntityTypeBuilder<SettingSearch> search)
    {
        search.Property(s => s.Id).ValueGeneratedNever();
        search.Property(s => s.Name).HasMaxLength(SettingSearch.MaxNameLength);
        search.Property(s => s.Revision).IsConcurrencyToken();
        search.HasIndex(s => new { s.ProjectId, s.Number }).IsUnique();
        search.HasIndex(s => s.State);
        search.HasMany(s => s.Trials).WithOne().HasForeignKey(t => t.SearchId);
        search.HasOne<DatasetVersion>().WithMany().HasForeignKey(s => s.DatasetVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class SearchTrialConfiguration : IEntityTypeConfiguration<SearchTrial>
{
    public void Configure(EntityTypeBuilder<SearchTrial> trial)
    {
        trial.ToTable("SearchTrials");
        trial.HasKey(t => new { t.SearchId, t.Number });
        trial.Property(t => t.Number).ValueGeneratedNever();
        trial.HasIndex(t => t.Outcome);
        trial.HasOne(t => t.Run).WithOne().HasForeignKey<SearchTrial>(t => t.RunId);
    }
}
