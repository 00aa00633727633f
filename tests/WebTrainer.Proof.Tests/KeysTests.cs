using System.Security.Cryptography;
using WebTrainer.Proof.Heads;

namespace WebTrainer.Proof.Tests;

public sealed class KeysTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.FromHours(2));
    private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-proof-").FullName;

    private string KeyPath => Path.Combine(_folder, "audit.pem");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void File_OfKeys_IsItsOwnersAlone_AndGivesTheSameKeysAgain()
    {
        using var made = ProofKeyFile.Create(KeyPath);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        using var read = ProofKeyFile.Open(KeyPath);
        var hash = Digest.Of("entry"u8);
        Assert.Equal(made.Id, read.Id);
        Assert.True(read.IsMark(hash, made.Mark(hash)));
        Assert.Equal("secret"u8, read.Wrapping.Decrypt(made.Wrapping.Encrypt("secret"u8, "a"u8), "a"u8));
        Assert.Throws<IOException>(() => ProofKeyFile.Create(KeyPath));
        Assert.Single(Directory.GetFiles(_folder, "*.pem"));
    }

    [Fact]
    public void File_OfKeysThatOthersMayRead_IsRefused()
    {
        ProofKeyFile.Create(KeyPath).Dispose();
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("0600", Assert.Throws<CryptographicException>(() => ProofKeyFile.Open(KeyPath)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    public void Text_ThatHoldsNoKeys_IsRefused(string pem) => Assert.ThrowsAny<CryptographicException>(() => ProofKeys.Parse(pem));

    [Fact]
    public void Mark_OfAnotherHashOrOtherKeys_IsNone()
    {
        using var keys = ProofKeys.Create();
        using var others = ProofKeys.Create();
        var hash = Digest.Of("entry"u8);
        Assert.False(keys.IsMark(Digest.Of("other"u8), keys.Mark(hash)));
        Assert.False(keys.IsMark(hash, others.Mark(hash)));
    }

    [Fact]
    public void Cipher_OfAnotherKeyOrContextOrChangedText_IsRefused()
    {
        var cipher = new DetailCipher(DetailCipher.NewKey());
        var message = cipher.Encrypt("plain"u8, "context"u8);
        Assert.Equal("plain"u8, cipher.Decrypt(message, "context"u8));
        Assert.ThrowsAny<CryptographicException>(() => new DetailCipher(DetailCipher.NewKey()).Decrypt(message, "context"u8));
        Assert.ThrowsAny<CryptographicException>(() => cipher.Decrypt(message, "other"u8));
        for (var i = 0; i < message.Length; i++)
        {
            var changed = message.ToArray();
            changed[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => cipher.Decrypt(changed, "context"u8));
            Assert.ThrowsAny<CryptographicException>(() => cipher.Decrypt(message.AsSpan(0, i), "context"u8));
        }
    }

    [Fact]
    public void Head_IsVerifiedByThePublicKey_AndWithAnyChangeRefused()
    {
        using var keys = ProofKeys.Create();
        using var verifier = ECDsa.Create();
        verifier.ImportFromPem(keys.PublicKeyPem);
        var head = TreeHead.Sign(keys, 5, 7, Digest.Of("root"u8), s_now);
        Assert.True(head.IsSignedBy(verifier));
        Assert.False((head with { Size = 6 }).IsSignedBy(verifier));
        Assert.False((head with { LastEntry = 8 }).IsSignedBy(verifier));
        Assert.False((head with { Root = Digest.Of("other"u8) }).IsSignedBy(verifier));
        Assert.False((head with { At = s_now.AddSeconds(1) }).IsSignedBy(verifier));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.False(head.IsSignedBy(other));
    }

    [Fact]
    public void Heads_ComeBackAsTheyWere_AndHalfALineIsNamed()
    {
        using var keys = ProofKeys.Create();
        using var verifier = ECDsa.Create();
        verifier.ImportFromPem(keys.PublicKeyPem);
        var file = new HeadFile(Path.Combine(_folder, "heads.jsonl"));
        Assert.Empty(file.Read(out _));
        file.Append(TreeHead.Sign(keys, 1, 1, Digest.Of("a"u8), s_now));
        File.AppendAllText(file.Path, "{\"size\":2,\"la");
        file.Append(TreeHead.Sign(keys, 3, 3, Digest.Of("c"u8), s_now));
        var heads = file.Read(out var unread);
        Assert.Equal([1, 3], heads.Select(head => head.Size));
        Assert.All(heads, head => Assert.True(head.IsSignedBy(verifier)));
        Assert.Equal([2], unread);
    }
}
