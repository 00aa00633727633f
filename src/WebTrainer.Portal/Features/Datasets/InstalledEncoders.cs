using System.Globalization;
using WebTrainer.Jobs;
using WebTrainer.Jobs.Kinds.Embed;
using WebTrainer.Models;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Vectors;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>A model on this server that makes vectors of texts.</summary>
/// <param name="ContextTokens">Tokens that it reads of a text at most: what it said when it was tried, else what its configuration
/// allows.</param>
/// <param name="ComparesSentences">It was trained for that, as its folder's files say; of any other BERT nobody knows what a likeness
/// means.</param>
public sealed record InstalledEncoder(string Name, int ContextTokens, bool ComparesSentences = false)
{
    /// <summary>
    /// The one to compare texts by where nobody has chosen: that which the server fetches by itself, or another that was trained for it.
    /// Null where there is none.
    /// </summary>
    public static InstalledEncoder? Usual(IReadOnlyList<InstalledEncoder> encoders) =>
        encoders.FirstOrDefault(e => e.Name == PublishedEncoder.MiniLM.Name) ?? encoders.FirstOrDefault(e => e.ComparesSentences);
}

/// <summary>Encoders among the models of this server, as cleaning uses them. Rights are the caller's matter.</summary>
/// <param name="errands">Null where no workers are run.</param>
public sealed class InstalledEncoders(ModelCatalog models, Errands? errands = null)
{
    public IReadOnlyList<InstalledEncoder> List() =>
        [
            .. Models()
                .Select(m => new InstalledEncoder(
                    m.Id,
                    m.Check?.ContextTokens ?? m.ContextTokens,
                    File.Exists(Path.Combine(m.Path, SentenceFiles.Modules))
                )),
        ];

    /// <param name="brief">Somebody waits at a page for a few rows.</param>
    /// <returns>By the names of the models.</returns>
    public IReadOnlyDictionary<string, TextEncoding> All(bool brief) =>
        Models()
            .ToDictionary(
                m => m.Id,
                m =>
                    (TextEncoding)(
                        (texts, vectors, progress, cancellationToken) =>
                        {
                            progress?.Report(new WorkProgress("Waiting for the encoder", 0, 0));
                            var errand = new EmbedErrand(new EmbedSpec { BaseModel = m.Path }, texts, vectors, brief)
                            {
                                Progress = progress is null ? null : new Relay(progress),
                            };
                            return errands!.DoAsync(errand, cancellationToken);
                        }
                    )
            );

    /// <summary>What vectors of a model are kept under; null where there is no such encoder.</summary>
    /// <param name="name">Of the model, or <see cref="VectorSource.BuiltIn"/>.</param>
    public VectorSource? SourceOf(string name)
    {
        if (name == VectorSource.BuiltIn)
        {
            return new VectorSource(name, "", Learned: null);
        }

        var model = Models().FirstOrDefault(m => m.Id == name);
        return model is null ? null : new VectorSource(name, Weights(model.Path), Learned: null);
    }

    /// <summary>Other weights under the same name have other sizes or times.</summary>
    private static string Weights(string folder) =>
        string.Join(
            ';',
            new DirectoryInfo(folder)
                .EnumerateFiles("*.safetensors")
                .OrderBy(f => f.Name, StringComparer.Ordinal)
                .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Length} {f.LastWriteTimeUtc.Ticks}"))
        );

    private IEnumerable<BaseModel> Models() => errands is null ? [] : models.List().Where(m => m.IsEncoder);

    private sealed class Relay(IProgress<WorkProgress> progress) : IProgress<ProgressEvent>
    {
        public void Report(ProgressEvent value) => progress.Report(new WorkProgress(value.Stage, value.Done, value.Total));
    }
}
