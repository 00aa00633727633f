namespace WebTrainer.Privacy.Summing;

/// <summary>
/// Adds masked vectors and takes the masks off their sum; it never sees a vector. Messages between sites are passed on as they are.
/// </summary>
/// <param name="round">As all sites have it.</param>
/// <param name="keys">Of the sites that shared.</param>
public sealed class SumServer(SumRound round, IReadOnlyList<SitePublicKeys> keys)
{
    private readonly Dictionary<int, SitePublicKeys> _keys = keys.ToDictionary(k => k.Site);

    /// <param name="vectors">Those that arrived.</param>
    /// <param name="shared">Sites whose shares were passed on to all of them.</param>
    /// <param name="unmaskings">Those that were said of just these vectors, at least as many as the threshold.</param>
    /// <returns>The exact sum modulo 2⁶⁴ of the vectors that arrived.</returns>
    /// <exception cref="PrivacyProblemException">There are too few of something, or what was said doesn't fit.</exception>
    public ulong[] Sum(IReadOnlyList<MaskedVector> vectors, IReadOnlyCollection<int> shared, IReadOnlyList<Unmasking> unmaskings)
    {
        round.Checked();
        if (vectors.Count < round.Threshold || unmaskings.Count < round.Threshold)
        {
            throw new PrivacyProblemException(
                $"{vectors.Count} vectors and {unmaskings.Count} words for taking their masks off arrived; {round.Threshold} of both are needed. The round is lost: begin a new one."
            );
        }

        if (vectors.Any(v => v.Values.Length != round.Length) || vectors.DistinctBy(v => v.Site).Count() != vectors.Count)
        {
            throw new PrivacyProblemException($"A vector came twice, or has not {round.Length} values.");
        }

        var arrived = vectors.Select(v => v.Site).ToHashSet();
        var lost = shared.Where(site => !arrived.Contains(site)).ToList();
        var removals = Removals(arrived, lost, unmaskings).ToList();
        var sum = new ulong[round.Length];
        // Each core has a part of the work, and a sum of its own.
        Parallel.ForEach(
            [.. vectors.Select(v => (Action<ulong[]>)(into => RingVector.Combine(into, v.Values, isAdded: true))), .. removals],
            () => new ulong[round.Length],
            (work, _, part) =>
            {
                work(part);
                return part;
            },
            part =>
            {
                lock (sum)
                {
                    RingVector.Combine(sum, part, isAdded: true);
                }
            }
        );
        return sum;
    }

    private IEnumerable<Action<ulong[]>> Removals(HashSet<int> arrived, List<int> lost, IReadOnlyList<Unmasking> unmaskings)
    {
        foreach (var site in arrived)
        {
            var seed = Join(unmaskings, site, said => said.OwnMasks);
            yield return into => MaskStream.Apply(seed, into, isAdded: false);
        }

        foreach (var site in lost)
        {
            var key = Join(unmaskings, site, said => said.MaskingKeys);
            if (!SumSite.Public(key).AsSpan().SequenceEqual(_keys[site].Masking))
            {
                throw new PrivacyProblemException(
                    $"What was said of site {site} does not give its key. The round is lost: begin a new one."
                );
            }

            // What each other one added for this site is taken off again: the lower number added.
            foreach (var other in arrived)
            {
                var seed = SumSite.MaskSeed(round, key, site, _keys[other].Masking, other);
                yield return into => MaskStream.Apply(seed, into, isAdded: other > site);
            }
        }
    }

    private byte[] Join(IReadOnlyList<Unmasking> unmaskings, int site, Func<Unmasking, IReadOnlyDictionary<int, byte[]>> of)
    {
        var shares = unmaskings
            .Where(said => of(said).ContainsKey(site))
            .Select(said => (said.Site, of(said)[site]))
            .Take(round.Threshold)
            .ToList();
        return shares.Count == round.Threshold
            ? Shamir.Join(shares)
            : throw new PrivacyProblemException($"{shares.Count} shares of site {site} arrived; {round.Threshold} are needed.");
    }
}
