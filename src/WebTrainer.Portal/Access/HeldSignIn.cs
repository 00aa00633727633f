using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace WebTrainer.Portal.Access;

/// <summary>Signs an open page out as soon as its session or account has ended.</summary>
public sealed class HeldSignIn : ServerAuthenticationStateProvider, IDisposable
{
    private readonly RightsWatch _rights;
    private HeldRight? _held;

    public HeldSignIn(RightsWatch rights)
    {
        _rights = rights;
        AuthenticationStateChanged += state => _ = HoldAsync(state);
    }

    public void Dispose() => _held?.Dispose();

    private async Task HoldAsync(Task<AuthenticationState> state)
    {
        var user = (await state).User;
        _held?.Dispose();
        _held = user.Identity?.IsAuthenticated == true ? _rights.Hold(Caller.From(user)) : null;
        _held?.Lost.Register(() =>
            SetAuthenticationState(Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity()))))
        );
    }
}
