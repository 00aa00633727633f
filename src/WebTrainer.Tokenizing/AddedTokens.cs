using System.Text;

namespace WebTrainer.Tokenizing;

/// <summary>Tokens that stand beside a vocabulary, by their text.</summary>
internal sealed class AddedTokens
{
    /// <summary>Control tokens.</summary>
    public Dictionary<string, int> Special { get; } = [];

    /// <summary>Text that is always one token.</summary>
    public Dictionary<string, int> Ordinary { get; } = [];

    public IEnumerable<string> Texts => Special.Keys.Concat(Ordinary.Keys);

    public IEnumerable<int> Ids => Special.Values.Concat(Ordinary.Values);

    public void WriteTo(byte[]?[] bytes)
    {
        foreach (var (token, id) in Special.Concat(Ordinary))
        {
            bytes[id] = Encoding.UTF8.GetBytes(token);
        }
    }
}
