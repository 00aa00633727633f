namespace WebTrainer.Portal.Features.Admin;

public static class AdministrationFeature
{
    public static IServiceCollection AddAdministration(this IServiceCollection services) =>
        services.AddScoped<UserAdministration>().AddSingleton<DirectoryRules>().AddSingleton<AuditLog>().AddSingleton<AuditProof>();
}
