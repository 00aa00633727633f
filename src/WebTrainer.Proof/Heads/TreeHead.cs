using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace WebTrainer.Proof.Heads;

/// <summary>
/// What a log was at one moment, signed: by it a later log shows that it still begins so (after the signed tree heads of RFC 6962, section
/// 3.5).
/// </summary>
/// <param name="Size">Entries.</param>
/// <param name="LastEntry">Id of the last of them.</param>
/// <param name="Root">Root of the Merkle tree whose leaves are the entries' hashes.</param>
/// <param name="At">When it was signed, by the signer's clock.</param>
/// <param name="Key">Who signed: <see cref="ProofKeys.Id"/>.</param>
/// <param name="Signature">ECDSA P-256 with SHA-256, r and s.</param>
public sealed record TreeHead(long Size, long LastEntry, Digest Root, DateTimeOffset At, string Key, byte[] Signature)
{
    /// <summary>Signs a state of a log.</summary>
    public static TreeHead Sign(ProofKeys keys, long size, long lastEntry, Digest root, DateTimeOffset at) =>
        new(size, lastEntry, root, at, keys.Id, keys.Sign(Text(size, lastEntry, root, at)));

    /// <param name="key">The public key of the server that is said to have signed.</param>
    /// <returns>Whether it did.</returns>
    public bool IsSignedBy(ECDsa key) =>
        Key == ProofKeys.IdOf(key) && key.VerifyData(Text(Size, LastEntry, Root, At), Signature, HashAlgorithmName.SHA256);

    /// <summary>What is signed: five lines of ASCII, the size, last entry, root and time (.NET ticks, UTC) below a name.</summary>
    public byte[] SignedText => Text(Size, LastEntry, Root, At);

    private static byte[] Text(long size, long lastEntry, Digest root, DateTimeOffset at) =>
        Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"WebTrainer tree head 1\n{size}\n{lastEntry}\n{root}\n{at.UtcTicks}\n")
        );
}
