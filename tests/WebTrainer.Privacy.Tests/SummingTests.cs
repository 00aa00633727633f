using CsCheck;
using WebTrainer.Privacy.Summing;

namespace WebTrainer.Privacy.Tests;

public sealed class SummingTests
{
    private const int Sites = 4,
        Threshold = 3,
        Length = 37;

    /// <summary>Each site is gone after one of the steps, or stays: 4⁴ patterns.</summary>
    [Fact]
    public void Sum_OfEveryPatternOfDropOuts_IsExact_OrRefusedBelowTheThreshold()
    {
        var (summed, refused) = (0, 0);
        for (var pattern = 0; pattern < 1 << (2 * Sites); pattern++)
        {
            var until = Enumerable.Range(0, Sites).Select(site => (Stage)((pattern >> (2 * site)) & 3)).ToArray();
            if (until.Count(stage => stage == Stage.Stays) >= Threshold)
            {
                AssertSum(until);
                summed++;
            }
            else
            {
                Assert.Throws<PrivacyProblemException>(() => Run(until));
                refused++;
            }
        }

        Assert.True(summed > 10 && refused > 100);
    }

    [Fact]
    public void Sum_OfAnySizeAndDropOuts_IsExact() =>
        Gen.Select(Gen.Int[2, 9], Gen.Int[0, int.MaxValue])
            .Sample(
                (sites, seed) =>
                {
                    var random = new Random(seed);
                    var threshold = random.Next(sites / 2 + 1, sites + 1);
                    var until = Enumerable.Range(0, sites).Select(i => i < threshold ? Stage.Stays : (Stage)random.Next(4)).ToArray();
                    random.Shuffle(until);
                    AssertSum(until, threshold);
                },
                iter: 20
            );

    /// <summary>One vector under its masks looks like another: nothing of the values can be seen in it.</summary>
    [Fact]
    public void Vector_Masked_IsNotItsValues()
    {
        var run = new Protocol(new SumRound(Guid.NewGuid(), Sites, Threshold, 4096), [.. Enumerable.Repeat(Stage.Stays, Sites)]);
        run.Go(_ => new ulong[4096]);
        foreach (var vector in run.Vectors)
        {
            var ones = vector.Values.Sum(value => (long)System.Numerics.BitOperations.PopCount(value));
            Assert.InRange(ones, 4096 * 32 - 2000, 4096 * 32 + 2000); // of zeros under the mask half of the bits are set; eight deviations
        }
    }

    [Fact]
    public void Site_AskedForBothSecretsOrTwice_Refuses()
    {
        var run = new Protocol(new SumRound(Guid.NewGuid(), Sites, Threshold, Length), [.. Enumerable.Repeat(Stage.Stays, Sites)]);
        run.Go(_ => new ulong[Length]);
        Assert.Throws<PrivacyProblemException>(() => run.Sites[0].Unmask([0, 1, 2]));
        Assert.All(run.Unmaskings, said => Assert.Empty(said.OwnMasks.Keys.Intersect(said.MaskingKeys.Keys)));
        Assert.Throws<PrivacyProblemException>(() => run.Sites[0].Advertise());
    }

    [Fact]
    public void Unmask_OfTooFewOrStrangers_IsRefused()
    {
        foreach (
            var arrived in (int[][])
                [
                    [0, 1],
                    [0, 1, 2, 9],
                    [1, 2, 3],
                ]
        )
        {
            var run = new Protocol(new SumRound(Guid.NewGuid(), Sites, Threshold, Length), [.. Enumerable.Repeat(Stage.Masks, Sites)]);
            Assert.Throws<PrivacyProblemException>(() => run.Go(_ => new ulong[Length]));
            Assert.Throws<PrivacyProblemException>(() => run.Sites[0].Unmask(arrived));
        }
    }

    [Fact]
    public void Shares_ThatWereChangedOrAreForAnother_AreRefused()
    {
        var round = new SumRound(Guid.NewGuid(), 3, 2, 1);
        SumSite[] sites = [new(round, 0), new(round, 1), new(round, 2)];
        var keys = sites.Select(site => site.Advertise()).ToList();
        var shares = sites.SelectMany(site => site.Share(keys)).ToList();
        var forFirst = shares.Where(share => share.To == 0).ToList();
        forFirst[0].Message[3] ^= 1;
        Assert.Contains(
            "site 1",
            Assert.Throws<PrivacyProblemException>(() => sites[0].Mask([1], forFirst)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<PrivacyProblemException>(() => sites[1].Mask([1], [.. shares.Where(share => share.To == 2)]));
        var forLast = shares.Where(share => share.To == 2).ToList();
        Assert.Throws<PrivacyProblemException>(() => sites[2].Mask([1], [forLast[0], forLast[0], forLast[1]]));
    }

    [Fact]
    public void PublicKey_ThatIsNone_IsRefused()
    {
        var round = new SumRound(Guid.NewGuid(), 2, 2, 1);
        var site = new SumSite(round, 0);
        var keys = site.Advertise();
        Assert.Throws<PrivacyProblemException>(() => site.Share([keys, new(1, new byte[32], new byte[32])]));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(256, 200, 1)]
    [InlineData(4, 2, 1)]
    [InlineData(4, 5, 1)]
    [InlineData(4, 3, 0)]
    public void Round_OutOfRange_IsRefused(int sites, int threshold, int length) =>
        Assert.Throws<PrivacyProblemException>(() => new SumSite(new SumRound(Guid.NewGuid(), sites, threshold, length), 0));

    [Fact]
    public void Shamir_OfAnyShares_GivesTheSecret_FromTheThresholdOn() =>
        Gen.Select(Gen.Byte.Array[1, 40], Gen.Int[1, 255], Gen.Int[0, 1000], Gen.Int[0, 1000])
            .Sample(
                (secret, shares, choice, seed) =>
                {
                    var threshold = 1 + choice % shares;
                    var split = Shamir.Split(secret, shares, threshold);
                    var numbers = Enumerable.Range(0, shares).ToArray();
                    new Random(seed).Shuffle(numbers);
                    Assert.Equal(secret, Shamir.Join([.. numbers.Take(threshold).Select(i => (i, split[i]))]));
                },
                iter: 100
            );

    /// <summary>With one share fewer than the threshold each secret is as likely: of one byte, all 256 come from some last share.</summary>
    [Fact]
    public void Shamir_OfFewerShares_TellsNothing()
    {
        var split = Shamir.Split([42], 3, 3);
        var secrets = Enumerable.Range(0, 256).Select(last => Shamir.Join([(0, split[0]), (1, split[1]), (2, [(byte)last])])[0]);
        Assert.Equal(256, secrets.Distinct().Count());
    }

    [Fact]
    public void Shamir_OutOfRange_IsRefused()
    {
        Assert.Throws<PrivacyProblemException>(() => Shamir.Split([1], 256, 2));
        Assert.Throws<PrivacyProblemException>(() => Shamir.Split([1], 2, 3));
        Assert.Throws<PrivacyProblemException>(() => Shamir.Join([]));
        Assert.Throws<PrivacyProblemException>(() => Shamir.Join([(0, [1]), (0, [1])]));
    }

    private static void AssertSum(Stage[] until, int threshold = Threshold)
    {
        var (sum, vectors) = Run(until, threshold);
        for (var i = 0; i < Length; i++)
        {
            var expected = 0UL;
            for (var site = 0; site < until.Length; site++)
            {
                expected += until[site] >= Stage.Masks ? vectors[site][i] : 0;
            }

            Assert.Equal(expected, sum[i]);
        }
    }

    private static (ulong[] Sum, ulong[][] Vectors) Run(Stage[] until, int threshold = Threshold)
    {
        var random = new Random(until.Length);
        var vectors = until.Select(_ => Enumerable.Range(0, Length).Select(_ => (ulong)random.NextInt64() * 3).ToArray()).ToArray();
        return (new Protocol(new SumRound(Guid.NewGuid(), until.Length, threshold, Length), until).Go(site => vectors[site]), vectors);
    }

    /// <summary>What a site does last.</summary>
    private enum Stage
    {
        Advertises,
        Shares,
        Masks,
        Stays,
    }

    /// <summary>All messages of a round as a network would carry them.</summary>
    private sealed class Protocol(SumRound round, Stage[] until)
    {
        public SumSite[] Sites { get; } = [.. Enumerable.Range(0, until.Length).Select(i => new SumSite(round, i))];

        public List<MaskedVector> Vectors { get; } = [];

        public List<Unmasking> Unmaskings { get; } = [];

        public ulong[] Go(Func<int, ulong[]> vectorOf)
        {
            var keys = Sites.Select(site => site.Advertise()).ToList();
            var sharing = At(Stage.Shares);
            var shares = sharing.SelectMany(site => Sites[site].Share(keys)).ToList();
            Vectors.AddRange(
                At(Stage.Masks).Select(site => Sites[site].Mask(vectorOf(site), [.. shares.Where(share => share.To == site)]))
            );
            int[] arrived = [.. Vectors.Select(vector => vector.Site)];
            Unmaskings.AddRange(At(Stage.Stays).Select(site => Sites[site].Unmask(arrived)));
            return new SumServer(round, keys).Sum(Vectors, sharing, Unmaskings);
        }

        private int[] At(Stage stage) => [.. Enumerable.Range(0, until.Length).Where(site => until[site] >= stage)];
    }
}
