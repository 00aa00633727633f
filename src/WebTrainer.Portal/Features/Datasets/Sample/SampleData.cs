using WebTrainer.Pipeline.Import;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets.Operations;
using WebTrainer.Portal.Features.Datasets.Uploads;

namespace WebTrainer.Portal.Features.Datasets.Sample;

/// <summary>A small dataset to try everything with: sixty messages to a shop, each with its topic, some in Persian.</summary>
public sealed class SampleData(UploadService uploads, DatasetService datasets)
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
    public async Task<DatasetOperation> StartImportAsync(Caller caller, Guid projectId, CancellationToken ct)
    {
        await using var file = Open();
        var upload = await uploads.ReceiveAsync(caller, projectId, FileName, file.Length, file, ct);
        return await datasets.StartImportAsync(caller, projectId, upload.Id, DatasetName, s_mapping, ct);
    }

    private static Stream Open() =>
        typeof(SampleData).Assembly.GetManifestResourceStream(FileName)
        ?? throw new InvalidOperationException($"The resource {FileName} is missing from this build.");
}
