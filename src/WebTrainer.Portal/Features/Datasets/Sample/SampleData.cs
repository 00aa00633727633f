using WebTrainer.Pipeline.Import;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Uploads;

namespace WebTrainer.Portal.Features.Datasets.Sample;

/// <summary>A small dataset to try everything with: sixty messages to a shop, each with its topic, some in Persian.</summary>
public sealed class SampleData(UploadService uploads, DatasetImports datasets)
{
    public const string DatasetName = "Sample: messages to a shop";
    public const string FileName = "support-messages.csv";

    private static readonly ColumnMapping s_mapping = new()
    {
        Shape = DataShape.Label,
        Text = "text",
        Label = "topic",
        Instruction = "Name the topic of this message: account, delivery, product or refund.",
    };

    /// <summary>Goes the way of any other file: upload, then import.</summary>
    public Task<DatasetOperation> StartImportAsync(Caller caller, Guid projectId, CancellationToken cancellationToken) =>
        StartImportAsync(caller, projectId, FileName, DatasetName, s_mapping, cancellationToken);

    /// <summary>Imports a file that came with the program.</summary>
    /// <param name="resource">Its name, which becomes the upload's.</param>
    public async Task<DatasetOperation> StartImportAsync(
        Caller caller,
        Guid projectId,
        string resource,
        string datasetName,
        ColumnMapping mapping,
        CancellationToken cancellationToken
    )
    {
        await using var file = Open(resource);
        var upload = await uploads.ReceiveAsync(caller, projectId, resource, file.Length, file, cancellationToken);
        return await datasets.StartImportAsync(caller, projectId, upload.Id, datasetName, mapping, cancellationToken);
    }

    private static Stream Open(string resource) =>
        typeof(SampleData).Assembly.GetManifestResourceStream(resource)
        ?? throw new InvalidOperationException($"The resource {resource} is missing from this build.");
}
