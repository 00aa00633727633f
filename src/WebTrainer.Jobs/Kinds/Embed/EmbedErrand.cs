using WebTrainer.Protocol;

namespace WebTrainer.Jobs.Kinds.Embed;

/// <summary>Makes vectors of texts by an encoder.</summary>
/// <param name="Texts">A JSON string a line; the file is taken.</param>
/// <param name="Vectors">Where their vectors are put, as <see cref="RunFolder.Vectors"/> has them.</param>
/// <param name="Brief">
/// Somebody waits for a few texts at a page: it queues with checks. Others may take hours, and have places of their own.
/// </param>
public sealed record EmbedErrand(EmbedSpec Encoder, string Texts, string Vectors, bool Brief) : Errand<TextVectors>(Encoder)
{
    private static readonly ErrandPlaces s_longPlaces = new(options => options.ConcurrentEmbeddings);

    internal override string Advice => "Choose a smaller encoder, or clean fewer rows at once.";

    internal override ErrandPlaces Places => Brief ? ErrandPlaces.Models : s_longPlaces;

    internal override TimeSpan Limit(JobsOptions options) => Brief ? options.CheckTimeout : options.EmbedTimeout;

    internal override string ResultIn(RunFolder folder) => folder.VectorFacts;

    internal override void Prepare(RunFolder folder) => File.Move(Texts, folder.Texts);

    internal override TextVectors Take(RunFolder folder)
    {
        File.Move(folder.Vectors, Vectors);
        return base.Take(folder);
    }
}
