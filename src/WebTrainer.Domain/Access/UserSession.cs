namespace WebTrainer.Domain.Access;

/// <summary>How somebody showed who they are.</summary>
public enum SignInMethod
{
    /// <summary>By a password alone.</summary>
    Password,

    /// <summary>By a password and a code of an authenticator app, or a recovery code.</summary>
    SecondFactor,

    /// <summary>By a passkey.</summary>
    Passkey,

    /// <summary>At the organisation's directory, which asks for what it wants.</summary>
    Directory,
}

/// <summary>A browser in which somebody is signed in, from the sign-in until it ends.</summary>
public sealed class UserSession
{
    /// <summary>Characters of <see cref="Device"/> at most.</summary>
    public const int MaxDeviceLength = 60;

    /// <summary>The browser's cookie names it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>Whose it is.</summary>
    public string UserId { get; private set; } = "";

    /// <summary>How they showed who they are.</summary>
    public SignInMethod Method { get; private set; }

    /// <summary>Browser and system in a few words, for its owner to know it again.</summary>
    public string Device { get; private set; } = "";

    /// <summary>When they signed in.</summary>
    public DateTimeOffset BeganAt { get; private set; }

    /// <summary>Last request, to the minute.</summary>
    public DateTimeOffset SeenAt { get; private set; }

    /// <summary>Null while it goes on.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    private UserSession() { }

    /// <param name="userId">Whose it is.</param>
    /// <param name="method">How they showed who they are.</param>
    /// <param name="device">In a few words; what is too long is cut.</param>
    /// <param name="now">When it begins.</param>
    public UserSession(string userId, SignInMethod method, string device, DateTimeOffset now)
    {
        (UserId, Method, BeganAt, SeenAt) = (userId, method, now, now);
        Device = device.Length <= MaxDeviceLength ? device : device[..MaxDeviceLength];
    }

    /// <summary>More than a password was asked for.</summary>
    public bool IsStrong => Method != SignInMethod.Password;

    /// <summary>In it a second factor was shown too.</summary>
    public void Strengthen(SignInMethod method) => Method = method;

    /// <summary>Ends it; one that has ended stays as it is.</summary>
    public void End(DateTimeOffset now) => EndedAt ??= now;
}
