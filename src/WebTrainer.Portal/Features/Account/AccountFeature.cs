namespace WebTrainer.Portal.Features.Account;

public static class AccountFeature
{
    public static IServiceCollection AddAccounts(this IServiceCollection services) =>
        services.AddScoped<AccountService>().AddSingleton<AccessTokenService>();
}
