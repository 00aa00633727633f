using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Portal.Features.Judging;

/// <summary>Settings of section <c>Judging</c>.</summary>
public sealed class JudgingOptions
{
    public const string Section = "Judging";

    /// <summary>Questions that one piece of work has under way at its judge.</summary>
    [Range(1, 64)]
    public int RequestsAtOnce { get; set; } = 4;

    /// <summary>Pieces of work under way; the others wait.</summary>
    [Range(1, 32)]
    public int WorksAtOnce { get; set; } = 2;

    /// <summary>Seconds in which an endpoint must reply.</summary>
    [Range(1, 3600)]
    public int TimeoutSeconds { get; set; } = 120;

    /// <summary>Tries of one question before the work is given up; refusals that no waiting mends are not tried again.</summary>
    [Range(1, 20)]
    public int Tries { get; set; } = 5;

    /// <summary>Seconds before the second try; each further one waits twice as long, or as long as the endpoint says.</summary>
    [Range(0, 60)]
    public double FirstPauseSeconds { get; set; } = 1;

    /// <summary>Judges in use of one project.</summary>
    [Range(1, 1000)]
    public int JudgesOfProject { get; set; } = 20;

    /// <summary>Pieces of work that one person may have under way or waiting.</summary>
    [Range(1, 1000)]
    public int WorksOfPerson { get; set; } = 5;

    /// <summary>Requests that one piece of work judges at most; an answer is asked about once, a pair twice.</summary>
    [Range(1, 100_000)]
    public int MostItems { get; set; } = 2_000;
}
