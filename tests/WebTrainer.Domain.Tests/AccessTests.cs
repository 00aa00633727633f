using WebTrainer.Domain.Access;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Projects;

namespace WebTrainer.Domain.Tests;

public sealed class AccessTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Invitation_WorksOnce()
    {
        var invitation = new Invitation("hash", Guid.NewGuid(), ProjectRole.Reviewer, "", "ada", s_now);
        invitation.Accept("bo", s_now);
        Assert.Throws<RuleViolationException>(() => invitation.Accept("cy", s_now));
    }

    [Fact]
    public void Invitation_AfterItsLifetime_IsClosed()
    {
        var invitation = new Invitation("hash", null, ProjectRole.Annotator, "", "ada", s_now);
        Assert.True(invitation.IsOpen(s_now + Invitation.Lifetime - TimeSpan.FromSeconds(1)));
        Assert.False(invitation.IsOpen(s_now + Invitation.Lifetime));
    }

    [Fact]
    public void Tokens_AreNeverStoredAsTheyAre()
    {
        var secret = SecretToken.Create(ApiKey.Prefix);
        var key = new ApiKey(Guid.NewGuid(), "batch", secret, "ada", s_now);
        Assert.DoesNotContain(secret[8..], key.Hash + key.Start, StringComparison.Ordinal);
        Assert.Equal(SecretToken.Hash(secret), key.Hash);
    }

    [Fact]
    public void AccessToken_UnknownScope_IsRefused() =>
        Assert.Throws<RuleViolationException>(() =>
            new PersonalAccessToken("ada", "ci", SecretToken.Create(PersonalAccessToken.Prefix), ["root"], TimeSpan.FromDays(1), s_now)
        );

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\temp\\rows.csv", "rows.csv")]
    public void Upload_KeepsOnlyTheFilesName(string given, string kept) =>
        Assert.Equal(kept, new Upload(Guid.NewGuid(), given, 1, 10, "ada", s_now).FileName);

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void Upload_EmptyOrTooLarge_IsRefused(long length) =>
        Assert.Throws<RuleViolationException>(() => new Upload(Guid.NewGuid(), "rows.csv", length, 10, "ada", s_now));
}
