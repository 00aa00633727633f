using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace WebTrainer.Privacy.Summing;

/// <summary>
/// One site of a secure sum: Bonawitz et al., "Practical secure aggregation for privacy-preserving machine learning", 2017, figure 4, for a
/// server that follows the protocol and is curious. Methods are called once each in their order; the object holds secrets of one round.
/// </summary>
public sealed class SumSite
{
    private const int KeyBytes = X25519.ScalarSize;

    private readonly SumRound _round;
    private readonly int _site;
    private readonly byte[] _sealing = Secret();
    private readonly byte[] _masking = Secret();
    private readonly byte[] _ownMask = RandomNumberGenerator.GetBytes(MaskStream.SeedBytes);
    private readonly Dictionary<int, SitePublicKeys> _others = [];
    private readonly Dictionary<int, (byte[] OwnMask, byte[] Masking)> _kept = [];
    private Step _done = Step.Nothing;

    /// <param name="round">As all others have it.</param>
    /// <param name="site">Its number, from 0.</param>
    /// <exception cref="PrivacyProblemException">There is no such site in the round.</exception>
    public SumSite(SumRound round, int site)
    {
        _round = round.Checked();
        _site =
            site >= 0 && site < round.Sites
                ? site
                : throw new PrivacyProblemException($"There is no site {site} in a round of {round.Sites}.");
    }

    private enum Step
    {
        Nothing,
        Advertised,
        Shared,
        Masked,
        Unmasked,
    }

    /// <summary>First: its public keys, which the server passes on to all.</summary>
    public SitePublicKeys Advertise()
    {
        Advance(Step.Nothing, Step.Advertised);
        return new(_site, Public(_sealing), Public(_masking));
    }

    /// <summary>Second: shares of its secrets for each other site.</summary>
    /// <param name="keys">Those of all sites that are there, its own may be among them.</param>
    /// <exception cref="PrivacyProblemException">
    /// There are fewer than the threshold, one twice, or one that is not of the round.
    /// </exception>
    public IReadOnlyList<SealedShares> Share(IReadOnlyList<SitePublicKeys> keys)
    {
        Advance(Step.Advertised, Step.Shared);
        foreach (var other in keys.Where(k => k.Site != _site))
        {
            if (other.Site < 0 || other.Site >= _round.Sites || !_others.TryAdd(other.Site, other))
            {
                throw new PrivacyProblemException($"The keys of site {other.Site} came twice, or are of no site of this round.");
            }
        }

        DemandThreshold(_others.Count + 1);
        var ownMasks = Shamir.Split(_ownMask, _round.Sites, _round.Threshold);
        var masking = Shamir.Split(_masking, _round.Sites, _round.Threshold);
        _kept[_site] = (ownMasks[_site], masking[_site]);
        return
        [
            .. _others.Values.Select(other => new SealedShares(
                _site,
                other.Site,
                Encrypt(SealingKey(other, _site, other.Site), [.. ownMasks[other.Site], .. masking[other.Site]])
            )),
        ];
    }

    /// <summary>Third: its vector under a mask for each other site that shared, and one of its own.</summary>
    /// <param name="values">As many as the round says; sums are modulo 2⁶⁴.</param>
    /// <param name="shares">What the others wrote to this one.</param>
    /// <exception cref="PrivacyProblemException">There are too few others, a share can't be read, or the length is another.</exception>
    public MaskedVector Mask(ReadOnlySpan<ulong> values, IReadOnlyList<SealedShares> shares)
    {
        Advance(Step.Shared, Step.Masked);
        if (values.Length != _round.Length)
        {
            throw new PrivacyProblemException($"There are {values.Length} values; the round is about {_round.Length}.");
        }

        foreach (var share in shares)
        {
            Keep(share);
        }

        DemandThreshold(_kept.Count);
        var masked = values.ToArray();
        MaskStream.Apply(_ownMask, masked, isAdded: true);
        foreach (var other in _kept.Keys.Where(site => site != _site))
        {
            MaskStream.Apply(MaskSeed(_round, _masking, _site, _others[other].Masking, other), masked, isAdded: _site < other);
        }

        return new(_site, masked);
    }

    /// <summary>
    /// Fourth: of each site that shared one secret, never both, by which the server takes the masks off: of those whose vector arrived the
    /// own mask, of the others the key of their masks.
    /// </summary>
    /// <param name="arrived">Sites whose vector the server has.</param>
    /// <exception cref="PrivacyProblemException">There are fewer than the threshold, or others than shared.</exception>
    public Unmasking Unmask(IReadOnlyCollection<int> arrived)
    {
        Advance(Step.Masked, Step.Unmasked);
        var there = arrived.ToHashSet();
        if (!there.IsSubsetOf(_kept.Keys) || !there.Contains(_site))
        {
            throw new PrivacyProblemException("The server names sites that took no part, or leaves this one out.");
        }

        DemandThreshold(there.Count);
        return new(
            _site,
            _kept.Where(k => there.Contains(k.Key)).ToDictionary(k => k.Key, k => k.Value.OwnMask),
            _kept.Where(k => !there.Contains(k.Key)).ToDictionary(k => k.Key, k => k.Value.Masking)
        );
    }

    internal static byte[] MaskSeed(SumRound round, byte[] secret, int site, byte[] otherPublic, int other) =>
        round.Key(Agree(secret, otherPublic, other), "mask", Math.Min(site, other), Math.Max(site, other));

    internal static byte[] Public(byte[] secret)
    {
        var key = new byte[X25519.PointSize];
        X25519.GeneratePublicKey(secret, 0, key, 0);
        return key;
    }

    private static byte[] Secret()
    {
        var secret = RandomNumberGenerator.GetBytes(KeyBytes);
        X25519.ClampPrivateKey(secret);
        return secret;
    }

    private static byte[] Agree(byte[] secret, byte[] otherPublic, int other)
    {
        var agreed = new byte[X25519.PointSize];
        return otherPublic.Length == X25519.PointSize && X25519.CalculateAgreement(secret, 0, otherPublic, 0, agreed, 0)
            ? agreed
            : throw new PrivacyProblemException($"The public key of site {other} is none.");
    }

    private void Keep(SealedShares share)
    {
        if (share.To != _site || !_others.TryGetValue(share.From, out var other))
        {
            throw new PrivacyProblemException(
                $"Shares from site {share.From} to site {share.To} are not for this one, or of a site without keys."
            );
        }

        try
        {
            var plain = Decrypt(SealingKey(other, share.From, _site), share.Message);
            if (
                plain.Length != MaskStream.SeedBytes + KeyBytes
                || !_kept.TryAdd(share.From, (plain[..MaskStream.SeedBytes], plain[MaskStream.SeedBytes..]))
            )
            {
                throw new PrivacyProblemException($"Shares of site {share.From} came twice, or have a wrong length.");
            }
        }
        catch (CryptographicException fault)
        {
            throw new PrivacyProblemException(
                $"Shares of site {share.From} can't be read: they were changed, or are of another round.",
                fault
            );
        }
    }

    // A key for each direction: each encrypts one message, so that its nonce may stand still.
    private byte[] SealingKey(SitePublicKeys other, int from, int to) =>
        _round.Key(Agree(_sealing, other.Sealing, other.Site), "share", from, to);

    private static byte[] Encrypt(byte[] key, byte[] plain)
    {
        using var aes = new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
        var message = new byte[plain.Length + AesGcm.TagByteSizes.MaxSize];
        aes.Encrypt(new byte[AesGcm.NonceByteSizes.MaxSize], plain, message.AsSpan(0, plain.Length), message.AsSpan(plain.Length));
        return message;
    }

    private static byte[] Decrypt(byte[] key, byte[] message)
    {
        if (message.Length < AesGcm.TagByteSizes.MaxSize)
        {
            throw new CryptographicException("The message is too short.");
        }

        using var aes = new AesGcm(key, AesGcm.TagByteSizes.MaxSize);
        var plain = new byte[message.Length - AesGcm.TagByteSizes.MaxSize];
        aes.Decrypt(new byte[AesGcm.NonceByteSizes.MaxSize], message.AsSpan(0, plain.Length), message.AsSpan(plain.Length), plain);
        return plain;
    }

    private void DemandThreshold(int sites)
    {
        if (sites < _round.Threshold)
        {
            throw new PrivacyProblemException($"{sites} sites are there; {_round.Threshold} are needed.");
        }
    }

    private void Advance(Step from, Step to)
    {
        if (_done != from)
        {
            throw new PrivacyProblemException(
                $"This step of the round comes after {from}, and {_done} was the last; a round is never gone through twice."
            );
        }

        _done = to;
    }
}
