using System.Security.Cryptography;

namespace WebTrainer.Privacy.Summing;

/// <summary>What all agree on before a sum is made.</summary>
/// <param name="Id">Random, of this round alone: keys and masks are bound to it.</param>
/// <param name="Sites">How many take part, 2 to 255; they are numbered from 0.</param>
/// <param name="Threshold">
/// How many must be there at the end, more than half of them. The server and fewer sites than that together learn nothing but the sum.
/// </param>
/// <param name="Length">Values of a vector.</param>
public sealed record SumRound(Guid Id, int Sites, int Threshold, int Length)
{
    /// <exception cref="PrivacyProblemException">A value is out of its range.</exception>
    public SumRound Checked() =>
        Sites is >= 2 and <= Shamir.MostShares && 2 * Threshold > Sites && Threshold <= Sites && Length >= 1
            ? this
            : throw new PrivacyProblemException(
                $"{Sites} sites with a threshold of {Threshold} and {Length} values can't be summed: 2 to {Shamir.MostShares} sites, a threshold above half of them, and at least one value are needed."
            );

    internal byte[] Key(byte[] agreed, string use, int first, int second)
    {
        var key = new byte[MaskStream.SeedBytes];
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            agreed,
            key,
            Id.ToByteArray(),
            System.Text.Encoding.ASCII.GetBytes(FormattableString.Invariant($"WebTrainer sum 1 {use} {first} {second}"))
        );
        return key;
    }
}

/// <summary>First message of a site to all others: two X25519 public keys (RFC 7748).</summary>
/// <param name="Site">Whose.</param>
/// <param name="Sealing">By which shares are encrypted for it.</param>
/// <param name="Masking">By which it and each other site make their mask.</param>
public sealed record SitePublicKeys(int Site, byte[] Sealing, byte[] Masking);

/// <summary>Second message: shares of one site's secrets, which only another one can read; the server passes it on.</summary>
/// <param name="From">Whose secrets.</param>
/// <param name="To">Who keeps the shares.</param>
/// <param name="Message">AES-256-GCM of both shares.</param>
public sealed record SealedShares(int From, int To, byte[] Message);

/// <summary>Third message: a vector that nobody can read.</summary>
/// <param name="Site">Whose.</param>
/// <param name="Values">Modulo 2⁶⁴.</param>
public sealed record MaskedVector(int Site, ulong[] Values);

/// <summary>Fourth message: what takes the masks off the sum.</summary>
/// <param name="Site">Who says it.</param>
/// <param name="OwnMasks">Shares of the seeds of those whose vector arrived, by site.</param>
/// <param name="MaskingKeys">Shares of the masking keys of those whose vector did not, by site.</param>
public sealed record Unmasking(int Site, IReadOnlyDictionary<int, byte[]> OwnMasks, IReadOnlyDictionary<int, byte[]> MaskingKeys);
