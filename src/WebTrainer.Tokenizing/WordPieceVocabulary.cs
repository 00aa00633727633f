using System.Text;
using Microsoft.ML.Tokenizers;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>BERT's vocabulary (arXiv:1810.04805): words cut greedily into the longest known pieces, ## before those inside a word.</summary>
/// <param name="LowerCase">Case and accents are dropped.</param>
internal sealed record WordPieceVocabulary(IReadOnlyDictionary<string, int> Vocabulary, bool LowerCase, bool StripAccents, bool SplitCjk)
{
    private const string Inside = "##", Unknown = "[UNK]";

    public TokenizerParts Build(AddedTokens added)
    {
        var names = new string[Vocabulary.Values.Concat(added.Ids).Max() + 1];
        var bytes = new byte[]?[names.Length];
        foreach (var (token, id) in Vocabulary)
        {
            names[id] = token;
            bytes[id] = Encoding.UTF8.GetBytes(token.StartsWith(Inside, StringComparison.Ordinal) ? token[Inside.Length..] : " " + token);
        }

        foreach (var (token, id) in added.Special.Concat(added.Ordinary))
        {
            names[id] = token;
        }

        if (names.Contains(null))
        {
            throw new ModelFileException($"The tokenizer has no token {Array.IndexOf(names, null)}.");
        }

        added.WriteTo(bytes);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', names)));
        var engine = BertTokenizer.Create(stream, new BertOptions
        {
            LowerCaseBeforeTokenization = LowerCase,
            RemoveNonSpacingMarks = StripAccents,
            IndividuallyTokenizeCjk = SplitCjk,
            UnknownToken = Unknown,
            SplitOnSpecialTokens = false,
        });
        return new(engine, bytes, added.Special, added.Ordinary, LeadingSpace: true);
    }
}
