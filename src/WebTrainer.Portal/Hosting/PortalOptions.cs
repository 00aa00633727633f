using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Portal.Hosting;

/// <summary>Settings of section <c>Portal</c> in appsettings.json; environment variables as <c>Portal__MaxUploadBytes</c>.</summary>
public sealed class PortalOptions
{
    public const string Section = "Portal";

    /// <summary>Folder that holds all that must last. The variable <c>WEBTRAINER_DATA</c> goes before it.</summary>
    [Required]
    public string DataFolder { get; set; } = "data";

    /// <summary>Folder of base models, each a Hugging Face folder.</summary>
    [Required]
    public string ModelsFolder { get; set; } = "models";

    /// <summary>Largest file that can be uploaded, in bytes.</summary>
    [Range(1, 1L << 42)]
    public long MaxUploadBytes { get; set; } = 20_000_000_000;

    /// <summary>An upload that nobody went on with is thrown away after this many days.</summary>
    [Range(1, 365)]
    public int UnfinishedUploadDays { get; set; } = 7;

    /// <summary>
    /// Room on the disk that is kept back, in bytes: when the disk is full it is given up, so that people can sign in and throw away what
    /// fills it.
    /// </summary>
    [Range(0, 1L << 32)]
    public long ReserveBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// File of a certificate with its private key (PEM or PFX) that encrypts the keys of cookies and credentials; it lies outside the data
    /// folder, so that who has a copy of that has not the keys. Empty leaves them as they are.
    /// </summary>
    public string KeysCertificate { get; set; } = "";

    /// <summary>
    /// Password of <see cref="KeysCertificate"/>, where it has one. Give it as the variable <c>Portal__KeysCertificatePassword</c>.
    /// </summary>
    public string KeysCertificatePassword { get; set; } = "";

    /// <summary>Sign-in tries in a minute from one address, or from one device that an account has been used on.</summary>
    [Range(1, 10_000)]
    public int SignInTriesPerMinute { get; set; } = 20;

    /// <summary>Fetches a strong encoder in the background at start where the server has none.</summary>
    public bool FetchEncoder { get; set; } = true;

    /// <summary>Makes a sample project at start if there is none: <c>--demo</c>.</summary>
    public bool Demo { get; set; }
}
