namespace WebTrainer.Portal.Features.Uploads;

/// <summary>Work that may read an uploaded file after its request is over.</summary>
public interface IUploadReader
{
    /// <summary>The file is being read, so that nobody may take it away.</summary>
    bool IsRead(Guid uploadId);
}
