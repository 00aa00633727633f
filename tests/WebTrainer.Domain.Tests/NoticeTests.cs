using WebTrainer.Domain.Notices;

namespace WebTrainer.Domain.Tests;

/// <summary>When a person is left alone, and when a delivery is tried again.</summary>
public sealed class NoticeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("UTC", "20:00", "07:00", "2026-01-05T19:59Z", "2026-01-05T19:59Z")]
    [InlineData("UTC", "20:00", "07:00", "2026-01-05T20:00Z", "2026-01-06T07:00Z")]
    [InlineData("UTC", "20:00", "07:00", "2026-01-06T06:30Z", "2026-01-06T07:00Z")]
    [InlineData("UTC", "20:00", "07:00", "2026-01-06T07:00Z", "2026-01-06T07:00Z")]
    [InlineData("UTC", "12:00", "13:30", "2026-01-05T13:00Z", "2026-01-05T13:30Z")]
    [InlineData("UTC", "12:00", "13:30", "2026-01-05T14:00Z", "2026-01-05T14:00Z")]
    [InlineData("Asia/Tehran", "20:00", "07:00", "2026-01-05T17:00Z", "2026-01-06T03:30Z")]
    public void NotBefore_IsWhenTheQuietHoursThatItFallsInAreOver(string zone, string from, string until, string now, string expected)
    {
        var wishes = new NoticePreference("ada");
        wishes.Set("ada@example.org", [], Minute(from), Minute(until), zone);
        Assert.Equal(DateTimeOffset.Parse(expected, null), wishes.NotBefore(DateTimeOffset.Parse(now, null)));
    }

    [Theory]
    [InlineData(60, null)]
    [InlineData(60, 60)]
    [InlineData(-1, 60)]
    [InlineData(60, 1440)]
    public void QuietHours_ThatCantBe_AreRefused(int? from, int? until) =>
        Assert.Throws<RuleViolationException>(() => new NoticePreference("ada").Set("ada@example.org", [], from, until, "UTC"));

    [Fact]
    public void Delivery_IsTriedWithItsPauses_ThenPutAside_AndAPersonBeginsAnew()
    {
        var delivery = Delivery.ByMail(Guid.NewGuid(), "ada", NoticeTopic.Waits, new string('s', 400), "text", s_now);
        Assert.Equal(Delivery.MaxSubjectLength, delivery.Subject.Length);
        Assert.Throws<RuleViolationException>(() => delivery.SendAgain(s_now));
        foreach (var pause in Delivery.Pauses)
        {
            delivery.Fail("away", isFinal: false, s_now);
            Assert.Equal((s_now + pause, null), (delivery.NextAt, delivery.DeadAt));
        }

        delivery.Fail("away", isFinal: false, s_now);
        Assert.Equal(s_now, delivery.DeadAt);
        delivery.SendAgain(s_now);
        Assert.Equal((0, null, s_now), (delivery.Tries, delivery.DeadAt, delivery.NextAt));
        delivery.Fail("gone", isFinal: true, s_now);
        Assert.NotNull(delivery.DeadAt);
    }

    private static int Minute(string time) => (int)TimeOnly.Parse(time, null).ToTimeSpan().TotalMinutes;
}
