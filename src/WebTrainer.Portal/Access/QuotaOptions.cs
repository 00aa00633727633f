using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Portal.Access;

/// <summary>
/// Settings of section <c>Quotas</c>: what one project and one person may take, so that nobody fills the disk or the queue for the others.
/// </summary>
public sealed class QuotaOptions
{
    public const string Section = "Quotas";

    /// <summary>Bytes of uploaded files, dataset versions and indexes of their words of one project.</summary>
    [Range(1, 1L << 50)]
    public long ProjectBytes { get; set; } = 500_000_000_000;

    /// <summary>Bytes of the files that one person has uploaded, in all projects.</summary>
    [Range(1, 1L << 50)]
    public long PersonBytes { get; set; } = 200_000_000_000;

    /// <summary>Runs and evaluations of one person that may wait in the queue.</summary>
    [Range(1, 10_000)]
    public int QueuedJobsOfPerson { get; set; } = 20;

    /// <summary>Imports, cleanings and other work on datasets that one person may have under way or waiting.</summary>
    [Range(1, 1_000)]
    public int DataJobsOfPerson { get; set; } = 10;
}
