using System.Text;
using WebTrainer.Data.Files;
using WebTrainer.Protocol;
using WebTrainer.Search.Samplers;

namespace WebTrainer.Portal.Features.Searches;

/// <summary>Some rows of a published file, drawn once by a seed, in their order (selection sampling: Knuth, volume 2, 3.4.2 S).</summary>
public sealed class RowSubset(FileStore files)
{
    public async Task<DatasetFile> TakeAsync(DatasetFile file, long rows, long seed, CancellationToken cancellationToken)
    {
        if (rows >= file.Rows)
        {
            return file;
        }

        var path = files.NewTemporaryPath();
        var draw = new Draw(seed, 0);
        var (seen, taken) = (0L, 0L);
        await using (
            var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" }
        )
        {
            await foreach (var line in File.ReadLinesAsync(file.Path, cancellationToken))
            {
                if ((file.Rows - seen++) * draw.Uniform() >= rows - taken)
                {
                    continue;
                }

                await writer.WriteLineAsync(line.AsMemory(), cancellationToken);
                taken++;
            }
        }

        var sha256 = await files.AddAsync(path, cancellationToken);
        return new DatasetFile(files.PathOf(sha256), sha256, taken);
    }
}
