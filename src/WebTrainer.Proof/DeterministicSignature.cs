using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;

namespace WebTrainer.Proof;

/// <summary>
/// ECDSA P-256 with SHA-256 whose nonce follows from key and content (RFC 6979), so that the same content has the same signature.
/// BouncyCastle reckons it; .NET draws nonces at random.
/// </summary>
public static class DeterministicSignature
{
    /// <param name="key">With its private part, on P-256.</param>
    /// <returns>The signature as DER, which <c>openssl dgst -verify</c> reads.</returns>
    public static byte[] Sign(ECDsa key, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(key);
        var curve = SecNamedCurves.GetByName("secp256r1");
        var domain = new ECDomainParameters(curve.Curve, curve.G, curve.N, curve.H);
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(
            forSigning: true,
            new ECPrivateKeyParameters(new BigInteger(1, key.ExportParameters(includePrivateParameters: true).D!), domain)
        );
        var parts = signer.GenerateSignature(SHA256.HashData(content));
        return StandardDsaEncoding.Instance.Encode(curve.N, parts[0], parts[1]);
    }

    /// <summary>r and s side by side (IEEE P1363, as .NET signs) as DER.</summary>
    /// <param name="signature">64 bytes.</param>
    public static byte[] ToDer(ReadOnlySpan<byte> signature)
    {
        var half = signature.Length / 2;
        var order = SecNamedCurves.GetByName("secp256r1").N;
        return StandardDsaEncoding.Instance.Encode(
            order,
            new BigInteger(1, signature[..half].ToArray()),
            new BigInteger(1, signature[half..].ToArray())
        );
    }
}
