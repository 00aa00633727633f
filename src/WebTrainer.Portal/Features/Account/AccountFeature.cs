using WebTrainer.Portal.Features.Account.Directory;
using WebTrainer.Portal.Features.Account.Security;

namespace WebTrainer.Portal.Features.Account;

public static class AccountFeature
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) =>
        services
            .AddScoped<AccountService>()
            .AddScoped<DirectoryAccounts>()
            .AddScoped<AccountSecurity>()
            .AddScoped<SecondFactorSignIn>()
            .AddSingleton<SecondFactorGate>()
            .AddSingleton<AccessTokenService>();
}
