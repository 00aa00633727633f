using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using WebTrainer.Data;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// The keys that sign cookies and encrypt credentials: in the data folder, themselves encrypted where a certificate is given.
/// </summary>
public static class SigningKeys
{
    private static readonly string s_setting = $"{PortalOptions.Section}:{nameof(PortalOptions.KeysCertificate)}";

    /// <exception cref="StartFailureException">The certificate can't be used.</exception>
    public static void AddSigningKeys(this IServiceCollection services, DataFolder folder, IConfiguration configuration)
    {
        var keys = services.AddDataProtection().PersistKeysToFileSystem(new DirectoryInfo(folder.Keys)).SetApplicationName("WebTrainer");
        var options = configuration.GetSection(PortalOptions.Section).Get<PortalOptions>() ?? new PortalOptions();
        if (options.KeysCertificate.Length > 0)
        {
            keys.ProtectKeysWithCertificate(Load(Path.GetFullPath(options.KeysCertificate), options.KeysCertificatePassword, folder));
        }
    }

    private static X509Certificate2 Load(string path, string password, DataFolder folder)
    {
        if (path.StartsWith(folder.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new StartFailureException($"{s_setting} lies in the data folder, with the keys that it is to encrypt. Put it elsewhere.");
        }

        try
        {
            var certificate = path.EndsWith(".pem", StringComparison.OrdinalIgnoreCase)
                ? password.Length > 0
                    ? X509Certificate2.CreateFromEncryptedPemFile(path, password)
                    : X509Certificate2.CreateFromPemFile(path)
                : X509CertificateLoader.LoadPkcs12FromFile(path, password);
            return certificate.GetRSAPrivateKey() is not null
                ? certificate
                : throw new StartFailureException($"{s_setting} has no private RSA key, with which the keys could be read again.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StartFailureException(
                $"{s_setting} can't be read: {fault.Message} Give a PEM or PFX file of a certificate with its private key, and its password if it has one.",
                fault
            );
        }
    }
}
