using WebTrainer.Domain;

namespace WebTrainer.Portal.Features.Uploads;

/// <summary>Copies the body of a request to a file without ever holding more than a buffer of it.</summary>
internal static class Intake
{
    private const int BufferBytes = 1 << 20;

    /// <param name="offset">Where to write; what lies behind it in the file is thrown away first.</param>
    /// <param name="most">Bytes accepted at most.</param>
    /// <returns>Length of the file afterwards.</returns>
    /// <exception cref="RuleViolationException">There are more bytes; the file is as it was.</exception>
    public static async Task<long> CopyAsync(Stream body, string path, long offset, long most, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, BufferBytes, useAsync: true);
        file.SetLength(offset);
        file.Position = offset;
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (file.Position + read > offset + most)
            {
                file.SetLength(offset);
                throw new RuleViolationException("More bytes came than were announced or are allowed. Start the upload again.");
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return file.Position;
    }
}
