namespace WebTrainer.Portal.Features.Uploads;

public static class UploadsFeature
{
    public static IServiceCollection AddUploads(this IServiceCollection services) =>
        services.AddSingleton<UploadService>().AddHostedService<UploadSweep>();
}
