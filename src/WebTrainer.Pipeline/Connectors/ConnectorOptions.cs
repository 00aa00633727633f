using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Pipeline.Connectors;

/// <summary>
/// What the server's administrator allows sources to reach. Nothing inside the server's network is reached unless named here.
/// </summary>
public sealed class ConnectorOptions : IValidatableObject
{
    /// <summary>Section of the configuration that this is read from.</summary>
    public const string Section = "Sources";

    /// <summary>
    /// Hosts with private addresses that may be reached, as <c>host</c> or <c>host:port</c>; databases are reached only here.
    /// </summary>
    public IList<string> AllowedHosts { get; init; } = [];

    /// <summary>Folders of this server that may be read, with all below them.</summary>
    public IList<string> Folders { get; init; } = [];

    /// <summary>Programs that speak the Airbyte protocol, by the name under which people choose them.</summary>
    public IDictionary<string, AirbyteCommand> AirbyteCommands { get; init; } =
        new Dictionary<string, AirbyteCommand>(StringComparer.Ordinal);

    /// <summary>Address of the Hugging Face hub, or of a mirror of it.</summary>
    [Required]
    public string HuggingFaceAddress { get; set; } = "https://huggingface.co";

    /// <summary>
    /// PEM file with the certificates by which the names of databases are checked, for those that ask for it (<c>SSL Mode=VerifyFull</c>);
    /// empty for the system's.
    /// </summary>
    public string DatabaseCertificates { get; set; } = "";

    /// <summary>Bytes of each file that a sync fetches; a larger one is refused.</summary>
    [Range(1, 1L << 42)]
    public long MaxFetchBytes { get; set; } = 20_000_000_000;

    /// <summary>Rows that one query may give; a sync of more is refused, not cut.</summary>
    [Range(1, int.MaxValue)]
    public int MaxQueryRows { get; set; } = 10_000_000;

    /// <summary>Seconds in which a server must answer.</summary>
    [Range(1, 3600)]
    public int TimeoutSeconds { get; set; } = 100;

    /// <summary>Refuses a file of certificates that isn't there.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DatabaseCertificates.Length > 0 && !File.Exists(DatabaseCertificates))
        {
            yield return new ValidationResult(
                $"{Section}:{nameof(DatabaseCertificates)}: there is no file '{DatabaseCertificates}'.",
                [nameof(DatabaseCertificates)]
            );
        }
    }
}

/// <summary>A program and what is set before the arguments of the protocol, as <c>docker run --rm -i airbyte/source-faker</c>.</summary>
public sealed class AirbyteCommand
{
    /// <summary>Path of the program, or its name on PATH; no shell reads it.</summary>
    public string File { get; set; } = "";

    /// <summary>What is set before <c>check</c>, <c>discover</c> or <c>read</c>, an argument each.</summary>
    public IList<string> Arguments { get; init; } = [];
}
