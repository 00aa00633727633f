using System.Text;

namespace WebTrainer.Pipeline;

/// <summary>Unicode's normal forms of any text: .NET refuses those with half a pair of surrogates or U+FFFE, which files do have.</summary>
internal static class UnicodeForms
{
    /// <returns>The normal form; what is no character becomes U+FFFD. The same object where nothing changes.</returns>
    public static string Of(string text, NormalizationForm form)
    {
        try
        {
            return text.IsNormalized(form) ? text : text.Normalize(form);
        }
        catch (ArgumentException)
        {
            return string.Concat(text.EnumerateRunes()).Replace('\uFFFE', '\uFFFD').Replace('\uFFFF', '\uFFFD').Normalize(form);
        }
    }
}
