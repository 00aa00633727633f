using System.Diagnostics;
using WebTrainer.Privacy.Summing;

namespace WebTrainer.Benchmarks.Privacy;

/// <summary>A whole round in one process: a million values, ten sites, of which two die after they shared.</summary>
internal static class SumMeasure
{
    private const int Sites = 10,
        Dead = 2,
        Threshold = 7,
        Length = 1_000_000,
        Times = 3;

    public static void Run()
    {
        var vectors = Enumerable
            .Range(0, Sites)
            .Select(site => Enumerable.Range(0, Length).Select(i => (ulong)i * (ulong)(site + 1)).ToArray())
            .ToArray();
        for (var time = 0; time < Times; time++)
        {
            var clock = Stopwatch.StartNew();
            var round = new SumRound(Guid.NewGuid(), Sites, Threshold, Length);
            var sites = Enumerable.Range(0, Sites).Select(site => new SumSite(round, site)).ToList();
            var keys = sites.Select(site => site.Advertise()).ToList();
            var shares = sites.SelectMany(site => site.Share(keys)).ToList();
            var sharing = clock.Elapsed;
            var masked = new MaskedVector[Sites - Dead];
            Parallel.For(0, masked.Length, site => masked[site] = sites[site].Mask(vectors[site], [.. shares.Where(s => s.To == site)]));
            var masking = clock.Elapsed - sharing;
            int[] arrived = [.. masked.Select(vector => vector.Site)];
            var said = arrived.Select(site => sites[site].Unmask(arrived)).ToList();
            var sum = new SumServer(round, keys).Sum(masked, [.. Enumerable.Range(0, Sites)], said);
            var all = clock.Elapsed;
            if (sum[^1] != (ulong)(Length - 1) * (ulong)arrived.Sum(site => site + 1))
            {
                throw new InvalidOperationException("The sum is wrong.");
            }

            Console.WriteLine(
                $"secure sum of {Length:N0} values, {Sites} sites, {Dead} dead: {all.TotalSeconds:0.00} s on {Environment.ProcessorCount} cores (keys and shares {sharing.TotalSeconds:0.00}, masks of all sites {masking.TotalSeconds:0.00}, server {(all - sharing - masking).TotalSeconds:0.00})"
            );
        }
    }
}
