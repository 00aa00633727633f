using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WebTrainer.Data;
using WebTrainer.Portal.Hosting;

namespace WebTrainer.Portal.Tests.Robustness;

/// <summary>Who has a copy of the data folder has not the keys in it, where a certificate lies elsewhere.</summary>
public sealed class SigningKeysTests : IDisposable
{
    private const string Secret = "a credential";
    private readonly string _root = Directory.CreateTempSubdirectory("webtrainer-keys-").FullName;
    private readonly DataFolder _data;

    public SigningKeysTests()
    {
        _data = new DataFolder(Path.Combine(_root, "data"));
        _data.Prepare();
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("keys.pem", "")]
    [InlineData("keys.pfx", "a password")]
    public void Certificate_EncryptsTheKeys_AndReadsThemAgain(string name, string password)
    {
        var path = Certificate(Path.Combine(_root, name), password);
        var kept = Protector(path, password).Protect(Secret);
        var keys = string.Concat(Directory.GetFiles(_data.Keys).Select(File.ReadAllText));
        Assert.Contains("EncryptedData", keys, StringComparison.Ordinal);
        Assert.DoesNotContain("<masterKey", keys, StringComparison.Ordinal);
        Assert.Equal(Secret, Protector(path, password).Unprotect(kept));
        Assert.ThrowsAny<CryptographicException>(() => Protector("", "").Unprotect(kept));
    }

    [Theory]
    [InlineData("missing.pem", "", "can't be read")]
    [InlineData("data/keys.pem", "", "lies in the data folder")]
    [InlineData("keys.pfx", "a wrong password", "can't be read")]
    public void Certificate_ThatCantBeUsed_IsRefusedAtStart(string name, string password, string said)
    {
        Certificate(Path.Combine(_root, "data/keys.pem"), "");
        Certificate(Path.Combine(_root, "keys.pfx"), "a password");
        Assert.Contains(
            said,
            Assert.Throws<StartFailureException>(() => Protector(Path.Combine(_root, name), password)).Message,
            StringComparison.Ordinal
        );
    }

    private IDataProtector Protector(string certificate, string password)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Portal:KeysCertificate"] = certificate,
            ["Portal:KeysCertificatePassword"] = password,
        };
        var services = new ServiceCollection().AddLogging();
        services.AddSigningKeys(_data, new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        return services.BuildServiceProvider().GetRequiredService<IDataProtectionProvider>().CreateProtector("test");
    }

    private static string Certificate(string path, string password)
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest(
            "CN=keys",
            key,
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1
        ).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        if (path.EndsWith(".pem", StringComparison.Ordinal))
        {
            File.WriteAllText(path, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        }
        else
        {
            File.WriteAllBytes(path, certificate.Export(X509ContentType.Pkcs12, password));
        }

        return path;
    }
}
