using System.Security.Cryptography;
using System.Text.Json;
using WebTrainer.Pipeline.Storage;
using WebTrainer.Protocol;

namespace WebTrainer.Pipeline.Publishing;

/// <summary>Writes a split version as the files that workers read.</summary>
public sealed class SnapshotWriter(ImportLimits limits)
{
    private readonly VersionReader _reader = new(limits);

    /// <summary>Keeps to the usual limits of <see cref="ImportLimits"/>.</summary>
    public SnapshotWriter()
        : this(new ImportLimits()) { }

    /// <param name="version">Path of a version made by <see cref="Splits.Splitter"/>.</param>
    /// <param name="folder">Absolute path of the snapshot's folder, which must not exist. On failure nothing is left behind.</param>
    /// <exception cref="DataProblemException">The version isn't split, or has no answered row to train on or to judge by.</exception>
    /// <exception cref="IOException">The disk is full or <paramref name="folder"/> exists.</exception>
    public async Task<Snapshot> WriteAsync(
        string version,
        string folder,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        if (Directory.Exists(folder))
        {
            throw new IOException("The snapshot exists already.");
        }

        using var scratch = new ScratchFolder(folder + ".tmp");
        var labels = new LabelSet(limits.MaxLabels);
        var files = new Dictionary<DataSplit, SplitFile>();
        try
        {
            await Task.Run(() => WriteRowsAsync(version, scratch.Path, files, labels, progress, cancellationToken), cancellationToken);
        }
        finally
        {
            foreach (var file in files.Values)
            {
                await file.DisposeAsync();
            }
        }

        if (files.Count == 0)
        {
            throw new DataProblemException("No row of the dataset has an answer yet.");
        }

        Directory.Move(scratch.Path, folder);
        return new Snapshot(
            new DatasetFiles
            {
                Train = files.GetValueOrDefault(DataSplit.Train)?.Describe(folder),
                Validation = files.GetValueOrDefault(DataSplit.Validation)?.Describe(folder),
                Test = files.GetValueOrDefault(DataSplit.Test)?.Describe(folder),
                Labels = labels.Closed,
            },
            labels.Unanswered
        );
    }

    private async Task WriteRowsAsync(
        string version,
        string folder,
        Dictionary<DataSplit, SplitFile> files,
        LabelSet labels,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        long done = 0;
        await foreach (var row in _reader.ReadAsync(version, cancellationToken: cancellationToken))
        {
            if (row.Split is not { } split)
            {
                throw new DataProblemException("The dataset version is not split into training, validation and test rows.");
            }

            if (++done % 10_000 == 0)
            {
                progress?.Report(new WorkProgress("Writing", done, 0));
            }

            // An unwanted answer is no label, and nobody is judged by it; it is there for losses that learn what not to say.
            if (Preferences.IsUndesired(row) ? row.Response is null || split == DataSplit.Test : !labels.Take(row))
            {
                continue;
            }

            if (!files.TryGetValue(split, out var file))
            {
                files[split] = file = new SplitFile(folder, split);
            }

            file.Write(row);
        }

        foreach (var file in files.Values)
        {
            file.Finish();
        }
    }

    /// <summary>One JSONL file under way: hashed while it is written.</summary>
    private sealed class SplitFile : IAsyncDisposable
    {
        private const int BufferBytes = 64 * 1024;
        private readonly string _name;
        private readonly FileStream _stream;
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private string _sha256 = "";
        private long _rows;

        public SplitFile(string folder, DataSplit split)
        {
            _name = split.ToName() + ".jsonl";
            _stream = new FileStream(Path.Combine(folder, _name), FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        }

        public void Write(CanonicalRow row)
        {
            var published = new DatasetRow(row.Id, row.Messages)
            {
                Rejected = row.Extra.GetValueOrDefault(Preferences.Rejected),
                Desired = row.Extra.TryGetValue(Preferences.Desired, out var desired) ? desired == "true" : null,
                Shares = ClassifierColumns.SharesOf(row),
                Pair = row.Extra.GetValueOrDefault(ClassifierColumns.TextPair),
            };
            byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(published, ProtocolJson.Line), (byte)'\n'];
            _hash.AppendData(line);
            _stream.Write(line);
            _rows++;
        }

        public void Finish()
        {
            _stream.Flush(flushToDisk: true);
            _sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset());
        }

        public DatasetFile Describe(string folder) => new(Path.Combine(folder, _name), _sha256, _rows);

        public async ValueTask DisposeAsync()
        {
            _hash.Dispose();
            await _stream.DisposeAsync();
        }
    }
}
