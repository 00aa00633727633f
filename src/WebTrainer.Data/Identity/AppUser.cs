using Microsoft.AspNetCore.Identity;

namespace WebTrainer.Data.Identity;

/// <summary>A person with an account on this server.</summary>
public sealed class AppUser : IdentityUser
{
    public const int MaxDisplayNameLength = 80;
    public const int MaxDirectoryIdLength = 200;

    public string DisplayName { get; set; } = "";

    /// <summary>May manage users, keys and the server; sees a project's content only as its member.</summary>
    public bool IsAdmin { get; set; }

    /// <summary>May add base models to the server and take them away, as administrators may.</summary>
    public bool ManagesModels { get; set; }

    /// <summary>May not sign in; what is open ends.</summary>
    public bool IsDisabled { get; set; }
    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>
    /// Who this is in the organisation's directory, as an administrator noted it; accounts of one person have the same. Null where nobody
    /// has.
    /// </summary>
    public string? DirectoryId { get; set; }

    public bool PrefersDark { get; set; }
}
