using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using WebTrainer.Data.Identity;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Data.Configurations;

internal sealed class LabelTaskConfiguration : IEntityTypeConfiguration<LabelTask>
{
    public void Configure(EntityTypeBuilder<LabelTask> task)
    {
        task.Property(t => t.Id).ValueGeneratedNever();
        task.Property(t => t.Name).HasMaxLength(LabelTask.MaxNameLength);
        task.Property(t => t.Questions).HasJson(damaged: () => []);
        task.Property(t => t.Rules).HasJson(damaged: () => TaskRules.Damaged);
        task.HasIndex(t => t.ProjectId);
        task.HasMany(t => t.Guidelines).WithOne().HasForeignKey(g => g.TaskId);
        // data that people judged is evidence
        task.HasOne<DatasetVersion>().WithMany().HasForeignKey(t => t.DatasetVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class TaskGuidelinesConfiguration : IEntityTypeConfiguration<TaskGuidelines>
{
    public void Configure(EntityTypeBuilder<TaskGuidelines> guidelines)
    {
        guidelines.Property(g => g.Id).ValueGeneratedNever();
        guidelines.HasIndex(g => new { g.TaskId, g.Number }).IsUnique();
    }
}

internal sealed class LabelItemConfiguration : IEntityTypeConfiguration<LabelItem>
{
    public void Configure(EntityTypeBuilder<LabelItem> item)
    {
        item.Property(i => i.Id).ValueGeneratedNever();
        item.Property(i => i.Revision).IsConcurrencyToken();
        item.Ignore(i => i.Answers);
        item.HasIndex(i => new
        {
            i.TaskId,
            i.State,
            i.Ordinal,
        });
        item.HasIndex(i => new { i.TaskId, i.Ordinal }).IsUnique();
        // What a claim searches: the filter is written in its statement to the letter.
        item.HasIndex(i => new
            {
                i.TaskId,
                i.Priority,
                i.Shuffle,
            })
            .IsDescending(false, true, false)
            .HasFilter("\"State\" = 'Open' AND \"Places\" > 0");
        item.HasOne<LabelTask>().WithMany().HasForeignKey(i => i.TaskId);
        item.HasMany(i => i.Assignments).WithOne().HasForeignKey(a => a.ItemId);
    }
}

internal sealed class AssignmentConfiguration : IEntityTypeConfiguration<Assignment>
{
    public void Configure(EntityTypeBuilder<Assignment> assignment)
    {
        assignment.Property(a => a.Id).ValueGeneratedNever();
        assignment.Ignore(a => a.TakesPlace);
        assignment.HasIndex(a => new { a.ItemId, a.UserId }).IsUnique(); // one claim and one answer a person, however often it is sent
        assignment.HasIndex(a => new
        {
            a.TaskId,
            a.UserId,
            a.State,
            a.AnsweredAt,
        });
        assignment.HasIndex(a => new
        {
            a.TaskId,
            a.State,
            a.ExpiresAt,
        });
        assignment.HasMany(a => a.History).WithOne().HasForeignKey(v => v.AssignmentId);
    }
}

internal sealed class AnswerVersionConfiguration : IEntityTypeConfiguration<AnswerVersion>
{
    public void Configure(EntityTypeBuilder<AnswerVersion> version)
    {
        version.Property(v => v.Id).ValueGeneratedNever();
        version.HasIndex(v => new { v.AssignmentId, v.Number }).IsUnique();
    }
}

internal sealed class ItemNoteConfiguration : IEntityTypeConfiguration<ItemNote>
{
    public void Configure(EntityTypeBuilder<ItemNote> note)
    {
        note.Property(n => n.Id).ValueGeneratedNever();
        note.HasIndex(n => n.TaskId);
        note.HasOne<LabelItem>().WithMany().HasForeignKey(n => n.ItemId);
        note.HasOne<AppUser>().WithMany().HasForeignKey(n => n.UserId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class ModelAnswerConfiguration : IEntityTypeConfiguration<ModelAnswer>
{
    public void Configure(EntityTypeBuilder<ModelAnswer> answer)
    {
        answer.Property(a => a.Id).ValueGeneratedNever();
        answer.HasIndex(a => new { a.TaskId, a.RowId });
        answer.HasOne<LabelTask>().WithMany().HasForeignKey(a => a.TaskId);
    }
}

internal sealed class WeakLabelingConfiguration : IEntityTypeConfiguration<WeakLabeling>
{
    public void Configure(EntityTypeBuilder<WeakLabeling> weak)
    {
        weak.Property(w => w.Id).ValueGeneratedNever();
        weak.Property(w => w.Name).HasMaxLength(WeakLabeling.MaxNameLength);
        weak.Property(w => w.Functions).HasJson(damaged: () => WeakLabeling.DamagedFunctions);
        weak.Property(w => w.Balance).HasJson(damaged: () => []);
        weak.Property(w => w.Revision).IsConcurrencyToken();
        weak.HasIndex(w => w.ProjectId);
        weak.HasOne<DatasetVersion>().WithMany().HasForeignKey(w => w.DatasetVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal static class JsonColumns
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Keeps a value as JSON text, compared by that text.</summary>
    /// <param name="damaged">
    /// What stands for a text that can't be read, so that a list of many does not fail by one; the text stays as it is. Null to fail.
    /// </param>
    public static PropertyBuilder<T> HasJson<T>(this PropertyBuilder<T> property, Func<T>? damaged = null)
        where T : class?
    {
        property.HasConversion(value => Write(value), text => Read(text, damaged));
        property.Metadata.SetValueComparer(
            new ValueComparer<T>((a, b) => Write(a) == Write(b), value => StringComparer.Ordinal.GetHashCode(Write(value)), value => value)
        );
        return property;
    }

    private static T Read<T>(string text, Func<T>? damaged)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, s_json)!;
        }
        catch (JsonException) when (damaged is not null)
        {
            return damaged();
        }
    }

    private static string Write<T>(T? value) => JsonSerializer.Serialize(value, s_json);
}
