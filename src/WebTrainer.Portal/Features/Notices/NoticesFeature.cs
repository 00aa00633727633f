namespace WebTrainer.Portal.Features.Notices;

public static class NoticesFeature
{
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        services.AddOptions<NoticeOptions>().BindConfiguration(NoticeOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services
            .AddSingleton<WebhookSecrets>()
            .AddSingleton<WebhookSender>()
            .AddSingleton<Mailer>()
            .AddSingleton<Outbox>()
            .AddSingleton<WebhookService>()
            .AddSingleton<PreferenceService>()
            .AddSingleton<NoticeWatch>()
            .AddHostedService(s => s.GetRequiredService<NoticeWatch>())
            .AddSingleton<NoticeSender>()
            .AddHostedService(s => s.GetRequiredService<NoticeSender>());
    }
}
