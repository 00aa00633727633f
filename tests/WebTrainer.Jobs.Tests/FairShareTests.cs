using CsCheck;
using WebTrainer.Jobs.Sharing;

namespace WebTrainer.Jobs.Tests;

public sealed class FairShareTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);
    private static readonly Guid s_a = Guid.Parse("aaaaaaaa-0000-0000-0000-000000000000"),
        s_b = Guid.Parse("bbbbbbbb-0000-0000-0000-000000000000");

    [Fact]
    public void Decay_OfAMoment_IsHalfEachHalfLife_AndAWholeLifeIsItsIntegral()
    {
        var moment = TimeSpan.FromSeconds(1);
        Assert.Equal(1, DeviceUsage.Decayed(s_now - moment, s_now, s_now, s_week), 5);
        Assert.Equal(0.5, DeviceUsage.Decayed(s_now - s_week - moment, s_now - s_week, s_now, s_week), 5);
        Assert.Equal(0.25, DeviceUsage.Decayed(s_now - (2 * s_week) - moment, s_now - (2 * s_week), s_now, s_week), 5);
        // From forever until now: half-life / ln 2.
        Assert.Equal(s_week.TotalSeconds / Math.Log(2), DeviceUsage.Decayed(s_now - (60 * s_week), s_now, s_now, s_week), 3);
        Assert.Equal(0, DeviceUsage.Decayed(s_now, s_now - moment, s_now, s_week));
    }

    /// <summary>Worked by hand by the published formula: S, U_A, U_E, F.</summary>
    [Fact]
    public void Factor_IsThatOfTheFormula()
    {
        // Project A has weight 3 and the people ada (2) and bob (1); project B weight 1 and eve.
        var (ada, bob, eve) = (new Sharer(s_a, "ada"), new Sharer(s_a, "bob"), new Sharer(s_b, "eve"));
        var shares = new FairShare(project => project == s_a ? 3 : 1, who => who == ada ? 2 : 1).Among([ada, bob, eve]);
        shares.Charge(ada, 600);
        shares.Charge(bob, 0);
        shares.Charge(eve, 400);

        // ada: S = 2/3 · 3/4 = 0.5, U_A = 0.6, project 0.6, U_E = 0.6; bob: S = 0.25, U_E = 0 + (0.6 − 0) · 1/3 = 0.2;
        // eve: S = 0.25, U_E = 0.4.
        Assert.Equal(Math.Pow(2, -0.6 / 0.5), shares.FactorOf(ada), 12);
        Assert.Equal(Math.Pow(2, -0.2 / 0.25), shares.FactorOf(bob), 12);
        Assert.Equal(Math.Pow(2, -0.4 / 0.25), shares.FactorOf(eve), 12);
    }

    [Fact]
    public void Factor_IsOneBeforeAnyUse_AndHalfAtTheOwnShare()
    {
        var (ada, bob) = (new Sharer(s_a, "ada"), new Sharer(s_b, "bob"));
        var shares = new FairShare(_ => 1, _ => 1).Among([ada, bob]);
        Assert.Equal((1.0, 1.0), (shares.FactorOf(ada), shares.FactorOf(bob)));
        shares.Charge(ada, 100);
        shares.Charge(bob, 100);
        Assert.Equal(0.5, shares.FactorOf(ada), 12);
    }

    [Fact]
    public void Use_OfWhoTakesNoPart_IsNobodysGain()
    {
        var ada = new Sharer(s_a, "ada");
        var book = new FairShare(_ => 1, _ => 1);
        book.Charge(new Sharer(s_b, "gone"), 1e9);
        Assert.Equal(1, book.Among([ada]).FactorOf(ada));
    }

    [Fact]
    public void Factor_StaysWithinZeroAndOne_AndFallsWithTheOwnUse() =>
        Gen.Select(Gen.Double[0, 1e6], Gen.Double[0, 1e6], Gen.Double[1, 1e6], Gen.Double[0.1, 10])
            .Sample(
                (mine, others, more, weight) =>
                {
                    var (ada, bob) = (new Sharer(s_a, "ada"), new Sharer(s_a, "bob"));
                    var book = new FairShare(_ => 1, who => who == ada ? weight : 1);
                    book.Charge(ada, mine);
                    book.Charge(bob, others);
                    var before = book.Among([ada, bob]);
                    var copy = book.Copy();
                    copy.Charge(ada, more);
                    var later = copy.Among([ada, bob]);

                    Assert.InRange(before.FactorOf(ada), 0, 1);
                    Assert.True(later.FactorOf(ada) <= before.FactorOf(ada) + 1e-12);
                    Assert.Equal(before.FactorOf(ada), book.Among([ada, bob]).FactorOf(ada)); // a copy is charged by itself
                }
            );
}
