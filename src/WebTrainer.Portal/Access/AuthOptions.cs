using System.ComponentModel.DataAnnotations;

namespace WebTrainer.Portal.Access;

/// <summary>Who says who people are.</summary>
public enum AuthMode
{
    /// <summary>Accounts of this server, with passwords.</summary>
    Local,

    /// <summary>Any OpenID Connect provider.</summary>
    Oidc,

    /// <summary>Microsoft Entra ID.</summary>
    EntraId,
}

/// <summary>Of whom more than a password is asked.</summary>
public enum SecondFactorRule
{
    /// <summary>Whoever wants it.</summary>
    Optional,

    /// <summary>Administrators of the server, and leads of any project.</summary>
    LeadsAndAdministrators,

    Everybody,
}

/// <summary>Settings of section <c>Auth</c>: how people sign in. Checked at start.</summary>
public sealed class AuthOptions : IValidatableObject
{
    public const string Section = "Auth";

    public AuthMode Mode { get; set; } = AuthMode.Local;

    /// <summary>
    /// Lets administrators with a password of this server sign in beside a directory, for the day on which that can't be reached.
    /// </summary>
    public bool LocalAdministrators { get; set; }

    /// <summary>Name of the directory on the sign-in page.</summary>
    [Required]
    public string DirectoryName { get; set; } = "your organisation";

    /// <summary>Claim in which the directory sends groups.</summary>
    [Required]
    public string GroupsClaim { get; set; } = "groups";

    /// <summary>Groups, values of <see cref="GroupsClaim"/> or of <c>roles</c>, whose people administer this server.</summary>
    public IList<string> AdministratorGroups { get; init; } = [];

    /// <summary>Of whom a second factor is asked; people of the directory show theirs there.</summary>
    public SecondFactorRule SecondFactor { get; set; } = SecondFactorRule.Optional;

    /// <summary>For <see cref="AuthMode.Oidc"/>.</summary>
    public OidcOptions Oidc { get; init; } = new();

    /// <summary>For <see cref="AuthMode.EntraId"/>.</summary>
    public EntraOptions EntraId { get; init; } = new();

    /// <summary>People come from a directory.</summary>
    public bool HasDirectory => Mode != AuthMode.Local;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        (
            Mode switch
            {
                AuthMode.Oidc => Oidc.Faults(),
                AuthMode.EntraId => EntraId.Faults(),
                _ => [],
            }
        ).Select(fault => new ValidationResult(fault));
}

/// <summary>An OpenID Connect provider, which sends people back to <c>/signin-oidc</c>.</summary>
public sealed class OidcOptions
{
    private const string Place = $"{AuthOptions.Section}:{nameof(AuthOptions.Oidc)}";

    /// <summary>Its address, below which <c>/.well-known/openid-configuration</c> is found.</summary>
    public string Authority { get; set; } = "";

    public string ClientId { get; set; } = "";

    /// <summary>Give it as the variable <c>Auth__Oidc__ClientSecret</c>; empty for a client that has none (PKCE is always used).</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>What is asked for beside <c>openid</c> and <c>profile</c>, where groups need a scope of their own.</summary>
    public IList<string> Scopes { get; init; } = [];

    /// <summary>False allows a provider without TLS, for trials on one machine alone.</summary>
    public bool RequireHttps { get; set; } = true;

    internal IEnumerable<string> Faults()
    {
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            yield return $"{Place}:{nameof(Authority)} is no address. Give the provider's, as https://login.example.org/realms/ours.";
        }
        else if (RequireHttps && address.Scheme != "https")
        {
            yield return $"{Place}:{nameof(Authority)} has no TLS, and passwords of people go there. Give an https address.";
        }

        if (ClientId.Length == 0)
        {
            yield return $"{Place}:{nameof(ClientId)} is empty. Register this portal at the provider and give the client's id.";
        }
    }
}

/// <summary>An application registered in Microsoft Entra ID; further settings are those of Microsoft.Identity.Web.</summary>
public sealed class EntraOptions
{
    private const string Place = $"{AuthOptions.Section}:{nameof(AuthOptions.EntraId)}";

    /// <summary>Directory (tenant) id or domain.</summary>
    public string TenantId { get; set; } = "";

    /// <summary>Application (client) id.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>Give it as the variable <c>Auth__EntraId__ClientSecret</c>.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>Where the provider's description is, if not where Entra ID's is; empty for Entra ID itself.</summary>
    public string MetadataAddress { get; set; } = "";

    /// <summary>Who must have issued tokens, if not Entra ID; goes with <see cref="MetadataAddress"/>.</summary>
    public string ValidIssuer { get; set; } = "";

    /// <summary>False allows a provider without TLS, for trials on one machine alone.</summary>
    public bool RequireHttps { get; set; } = true;

    internal IEnumerable<string> Faults()
    {
        foreach (
            var (name, value) in new[] { (nameof(TenantId), TenantId), (nameof(ClientId), ClientId), (nameof(ClientSecret), ClientSecret) }
        )
        {
            if (value.Length == 0)
            {
                yield return $"{Place}:{name} is empty. Take it from the application's registration in Microsoft Entra ID.";
            }
        }
    }
}
