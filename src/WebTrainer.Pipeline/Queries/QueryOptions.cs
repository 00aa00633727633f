using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Pipeline.Queries;

/// <summary>Settings of section <c>Queries</c>: what SQL that people write may take.</summary>
public sealed class QueryOptions
{
    /// <summary>Section of the configuration that this is read from.</summary>
    public const string Section = "Queries";

    private const string Program = "WebTrainer.Query.dll";

    /// <summary>The program that runs a query, a process each. It lies beside the portal.</summary>
    [Required]
    public string ProgramPath { get; set; } = Path.Combine(AppContext.BaseDirectory, Program);

    /// <summary>A query that takes longer is ended.</summary>
    [Range(1, 3_600)]
    public int Seconds { get; set; } = 30;

    /// <summary>Memory of a query before it writes to its own folder, in MiB.</summary>
    [Range(64, 1_048_576)]
    public int MemoryMiB { get; set; } = 512;

    /// <summary>What a query may write to its own folder, in MiB.</summary>
    [Range(1, 1_048_576)]
    public int ScratchMiB { get; set; } = 2_048;

    /// <summary>Processors of a query.</summary>
    [Range(1, 64)]
    public int Threads { get; set; } = 2;

    /// <summary>Rows of an answer that are shown.</summary>
    [Range(1, 100_000)]
    public int Rows { get; set; } = 1_000;

    /// <summary>Bytes of an answer that are shown.</summary>
    [Range(1_024, 1 << 28)]
    public int AnswerBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Queries at once, of all people; more wait.</summary>
    [Range(1, 64)]
    public int AtOnce { get; set; } = 4;

    /// <summary>Queries of one person that are under way or wait; more are refused.</summary>
    [Range(1, 64)]
    public int OfPerson { get; set; } = 2;
}
