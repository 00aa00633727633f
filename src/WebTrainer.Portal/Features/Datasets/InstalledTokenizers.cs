using WebTrainer.Models;

namespace WebTrainer.Portal.Features.Datasets;

/// <summary>A model on this server whose tokenizer can count.</summary>
/// <param name="ContextTokens">Tokens that the model reads at once; 0 where its configuration doesn't say.</param>
public sealed record InstalledTokenizer(string Name, string Folder, int ContextTokens);

/// <summary>Tokenizers of the base models of this server.</summary>
public sealed class InstalledTokenizers(ModelCatalog models)
{
    public IReadOnlyList<InstalledTokenizer> List() =>
        [.. models.List().Where(m => HasTokenizer(m.Path)).Select(m => new InstalledTokenizer(m.Id, m.Path, m.ContextTokens))];

    /// <returns>Folders by names.</returns>
    public IReadOnlyDictionary<string, string> Folders() => List().ToDictionary(t => t.Name, t => t.Folder);

    private static bool HasTokenizer(string folder) =>
        new[] { "tokenizer.json", "tokenizer.model", "vocab.json" }.Any(name => File.Exists(Path.Combine(folder, name)));
}
