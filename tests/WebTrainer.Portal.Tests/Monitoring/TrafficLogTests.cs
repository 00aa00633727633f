using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using WebTrainer.Data;
using WebTrainer.Pipeline.Traffic;
using WebTrainer.Portal.Features.Monitoring;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Portal.Tests.Monitoring;

/// <summary>Records of requests on a disk that is full.</summary>
public sealed class TrafficLogTests
{
    private readonly Guid _endpoint = Guid.NewGuid();

    [Fact]
    public void FullDisk_StopsRecords_SaysSo_CountsThoseThatAreLost_AndGoesOnWhenThereIsRoom()
    {
        var folder = Directory.CreateTempSubdirectory("webtrainer-full-").FullName;
        using (var disk = SmallDisk.TryMount(folder, megabytes: 1))
        {
            Assert.SkipWhen(disk is null, "A small file system can't be mounted here; that takes root.");
            using var log = new TrafficLog(
                new DataFolder(disk.Path),
                Options.Create(new TrafficOptions()),
                TimeProvider.System,
                NullLogger<TrafficLog>.Instance
            );
            Note(log, "before");
            log.Write();
            Assert.Null(log.Problem);
            var filler = Path.Combine(disk.Path, "filler");
            disk.Fill(filler, leaveBytes: 0);
            for (var i = 0; i < 200; i++)
            {
                Note(log, $"meanwhile {i} {new string('x', 500)}");
            }

            log.Write(); // an answer waits neither for this nor for its failure
            Assert.Contains("not recorded", log.Problem, StringComparison.Ordinal);
            Assert.Equal(200, log.Lost);
            File.Delete(filler);
            Note(log, "after");
            log.Write();
            Assert.Null(log.Problem);
            var files = new TrafficFiles(new DataFolder(disk.Path).Traffic);
            var kept = files.RowFiles(_endpoint).SelectMany(TrafficFiles.Read).Select(r => r.Id).ToList();
            Assert.Equal(("before", "after"), (kept[0], kept[^1]));
        }

        Directory.Delete(folder);
    }

    private void Note(TrafficLog log, string id) =>
        log.Note(
            _endpoint,
            new TrafficRecord
            {
                Id = id,
                At = DateTimeOffset.UtcNow,
                Version = Guid.Empty,
            }
        );
}
