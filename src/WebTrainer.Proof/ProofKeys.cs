using System.Security.Cryptography;

namespace WebTrainer.Proof;

/// <summary>
/// The keys of a log: ECDSA P-256 with SHA-256 (FIPS 186-5) signs heads, so that others verify by the public key; of a secret of 32 bytes
/// HKDF-SHA-256 (RFC 5869) makes the key that marks entries (HMAC-SHA-256) and the one that wraps others. Who has only the log's database
/// can make none of these. Safe for threads.
/// </summary>
public sealed class ProofKeys : IDisposable
{
    /// <summary>Bytes of an entry's mark: HMAC-SHA-256 cut off to 128 bits (RFC 2104, section 5).</summary>
    public const int MarkBytes = 16;

    private const string PrivateLabel = "PRIVATE KEY",
        SecretLabel = "WEBTRAINER SECRET";
    private const int SecretBytes = 32,
        IdBytes = 8;

    private readonly ECDsa _signing;
    private readonly byte[] _secret;
    private readonly ThreadLocal<IncrementalHash> _marking; // none is safe for threads, and a new one costs as much as a mark

    private ProofKeys(ECDsa signing, byte[] secret)
    {
        (_signing, _secret) = (signing, secret);
        var marking = Derive("WebTrainer marks 1"u8);
        _marking = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, marking), trackAllValues: true);
        Wrapping = new(Derive("WebTrainer wrapping 1"u8));
        Id = IdOf(signing);
    }

    /// <summary>
    /// 16 hexadecimal digits that name these keys: the beginning of the SHA-256 of the public key (SubjectPublicKeyInfo).
    /// </summary>
    public string Id { get; }

    /// <summary>Encrypts other keys, or what belongs to none of them.</summary>
    public DetailCipher Wrapping { get; }

    /// <summary>For verifiers, as PEM.</summary>
    public string PublicKeyPem => _signing.ExportSubjectPublicKeyInfoPem();

    /// <summary>New keys from the system's random numbers.</summary>
    public static ProofKeys Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), RandomNumberGenerator.GetBytes(SecretBytes));

    /// <param name="pem">As <see cref="ToPem"/> writes it.</param>
    /// <exception cref="CryptographicException">It lacks one of the two, or holds keys of another kind.</exception>
    public static ProofKeys Parse(string pem)
    {
        var secret = Block(pem, SecretLabel);
        var signing = ECDsa.Create();
        try
        {
            signing.ImportPkcs8PrivateKey(Block(pem, PrivateLabel), out _);
            return signing.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value && secret.Length == SecretBytes
                ? new ProofKeys(signing, secret)
                : throw new CryptographicException("The keys must be one of the curve P-256 and a secret of 32 bytes.");
        }
        catch
        {
            signing.Dispose();
            throw;
        }
    }

    /// <summary>All keys, to be kept where nobody else reads them.</summary>
    public string ToPem() => $"{_signing.ExportPkcs8PrivateKeyPem()}\n{PemEncoding.WriteString(SecretLabel, _secret)}\n";

    /// <summary>Marks an entry by its hash: nobody makes such a mark without the keys.</summary>
    public byte[] Mark(Digest hash)
    {
        var mark = new byte[MarkBytes];
        Mark(hash, mark);
        return mark;
    }

    /// <summary>Whether a mark is that of this hash, in a time that tells nothing of it.</summary>
    public bool IsMark(Digest hash, ReadOnlySpan<byte> mark)
    {
        Span<byte> right = stackalloc byte[MarkBytes];
        Mark(hash, right);
        return CryptographicOperations.FixedTimeEquals(right, mark);
    }

    /// <returns>64 bytes: r and s (IEEE P1363).</returns>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_signing)
        {
            return _signing.SignData(data, HashAlgorithmName.SHA256);
        }
    }

    /// <summary>The same content has the same signature.</summary>
    /// <returns>As DER, which other programs read.</returns>
    public byte[] SignAgain(ReadOnlySpan<byte> data)
    {
        lock (_signing)
        {
            return DeterministicSignature.Sign(_signing, data);
        }
    }

    /// <summary>Whether a head was signed by these keys.</summary>
    public bool HasSigned(Heads.TreeHead head)
    {
        lock (_signing)
        {
            return head.IsSignedBy(_signing);
        }
    }

    /// <summary>The same name that <see cref="Id"/> has, of a public key alone.</summary>
    public static string IdOf(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()).AsSpan(0, IdBytes));

    /// <inheritdoc/>
    public void Dispose()
    {
        _signing.Dispose();
        foreach (var hash in _marking.Values)
        {
            hash.Dispose();
        }

        _marking.Dispose();
    }

    private void Mark(Digest hash, Span<byte> mark)
    {
        Span<byte> bytes = stackalloc byte[2 * Digest.Bytes];
        hash.CopyTo(bytes);
        var marking = _marking.Value!;
        marking.AppendData(bytes[..Digest.Bytes]);
        marking.GetHashAndReset(bytes[Digest.Bytes..]);
        bytes.Slice(Digest.Bytes, MarkBytes).CopyTo(mark);
    }

    private byte[] Derive(ReadOnlySpan<byte> use)
    {
        var key = new byte[SecretBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _secret, key, salt: [], use);
        return key;
    }

    private static byte[] Block(string pem, string label)
    {
        for (ReadOnlySpan<char> rest = pem; PemEncoding.TryFind(rest, out var found); rest = rest[found.Location.End..])
        {
            if (rest[found.Label].SequenceEqual(label))
            {
                return Convert.FromBase64String(rest[found.Base64Data].ToString());
            }
        }

        throw new CryptographicException($"There is no block '{label}' in the keys.");
    }
}
