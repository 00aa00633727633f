using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Tests.Account;

/// <summary>What a directory says of somebody, and settings that say too little of the directory.</summary>
public sealed class DirectoryPersonTests
{
    [Fact]
    public void Person_IsReadAlsoByTheOlderNamesOfMicrosoftsHandler()
    {
        var person = Read(
            (ClaimTypes.NameIdentifier, "s-1"),
            ("http://schemas.microsoft.com/identity/claims/objectidentifier", "o-1"),
            (ClaimTypes.Role, "trainer"),
            ("preferred_username", "mia@bank.example"),
            ("name", "Mia"),
            ("groups", "a"),
            ("groups", "b")
        );
        Assert.Equal(("s-1", "o-1", "mia@bank.example", "Mia"), (person!.Subject, person.DirectoryId, person.UserName, person.DisplayName));
        Assert.True(person.Has("roles", "trainer"));
        Assert.True(person.Has("groups", "b"));
        Assert.False(person.Has("groups", "B")); // to the letter: directories tell them apart
        Assert.False(person.HasTooManyGroups);
    }

    [Fact]
    public void Person_WithoutANumber_IsNobody() => Assert.Null(Read(("name", "Mia")));

    [Theory]
    [InlineData("hasgroups")]
    [InlineData("_claim_names")]
    public void Person_WhoseGroupsWereNotSent_IsKnownAsSuch(string claim) =>
        Assert.True(Read(("sub", "s-1"), (claim, "true"))!.HasTooManyGroups);

    [Theory]
    [InlineData(AuthMode.Oidc, "no-address", "id", "is no address")]
    [InlineData(AuthMode.Oidc, "http://login.example.org", "id", "has no TLS")]
    [InlineData(AuthMode.Oidc, "https://login.example.org", "", "ClientId is empty")]
    [InlineData(AuthMode.EntraId, "", "id", "TenantId is empty")]
    public void SettingsThatLackSomething_AreToldByASentence(AuthMode mode, string authority, string client, string sentence)
    {
        var options = new AuthOptions
        {
            Mode = mode,
            Oidc = { Authority = authority, ClientId = client },
            EntraId = { ClientId = client, ClientSecret = "secret" },
        };
        Assert.Contains(sentence, Assert.Single(options.Validate(new ValidationContext(options))).ErrorMessage, StringComparison.Ordinal);
    }

    private static DirectoryPerson? Read(params (string Type, string Value)[] claims) =>
        DirectoryPerson.From(new ClaimsPrincipal(new ClaimsIdentity(claims.Select(c => new Claim(c.Type, c.Value)), "test")));
}
