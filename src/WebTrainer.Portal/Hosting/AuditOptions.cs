using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using WebTrainer.Data;
using WebTrainer.Data.Auditing;

namespace WebTrainer.Portal.Hosting;

/// <summary>Settings of section <c>Audit</c>: where what proves the audit log is kept, and how often heads are signed.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>File of the keys, made at the first start; empty is <c>audit/keys.pem</c> in the data folder.</summary>
    public string KeysFile { get; set; } = "";

    /// <summary>The keys themselves, as such a file holds them. Give them as the variable <c>Audit__Keys</c>.</summary>
    public string Keys { get; set; } = "";

    /// <summary>File of signed heads; empty is <c>audit/heads.jsonl</c> in the data folder.</summary>
    public string HeadsFile { get; set; } = "";

    /// <summary>Entries after which a head is signed.</summary>
    [Range(1, 1_000_000)]
    public int SignEvery { get; set; } = 100;

    /// <summary>Time after which a head is signed of fewer entries.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SignAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Paths are relative to the content root.</summary>
    public AuditFiles FilesOf(DataFolder folder, IHostEnvironment environment)
    {
        var usual = AuditFiles.In(folder);
        return new(
            KeysFile.Length > 0 ? Path.GetFullPath(KeysFile, environment.ContentRootPath) : usual.Keys,
            HeadsFile.Length > 0 ? Path.GetFullPath(HeadsFile, environment.ContentRootPath) : usual.Heads,
            Keys
        );
    }
}

public static class AuditProofServices
{
    /// <exception cref="StartFailureException">The keys can't be read or made.</exception>
    public static void AddAuditProof(
        this IServiceCollection services,
        DataFolder folder,
        IConfiguration configuration,
        IHostEnvironment environment
    )
    {
        services.AddOptions<AuditOptions>().BindConfiguration(AuditOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var options = configuration.GetSection(AuditOptions.Section).Get<AuditOptions>() ?? new AuditOptions();
        var files = options.FilesOf(folder, environment);
        services.AddSingleton(files);
        try
        {
            var keys = files.OpenKeys(folder);
            services.AddSingleton(_ => keys);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new StartFailureException($"The keys of the audit log can't be used: {fault.Message}", fault);
        }

        services.AddSingleton<AuditSigner>();
    }
}
