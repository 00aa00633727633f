using System.Text;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Generation;

/// <summary>
/// Turns tokens into text as they come, whole characters only: bytes that begin a character wait for the rest of it, and text
/// that may turn out to be a stop sequence waits until it is clear.
/// </summary>
public sealed class TextStream(TextTokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder _held = new();
    private bool _first = true;

    /// <summary>A stop sequence has come; it and what follows are not part of the text.</summary>
    public bool Stopped { get; private set; }

    /// <returns>Text that is certain now.</returns>
    public string Add(int token)
    {
        if (Stopped || tokenizer.IsSpecial(token))
        {
            return "";
        }

        var bytes = tokenizer.BytesOf(token);
        if (_first && tokenizer.LeadingSpace && bytes is [(byte)' ', ..])
        {
            bytes = bytes[1..];
        }

        _first = false;
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length + 4)];
        var count = _decoder.GetChars(bytes, characters, flush: false);
        _held.Append(characters, 0, count);
        return Release();
    }

    /// <returns>Text that was held back only because a stop sequence might have begun.</returns>
    public string Finish()
    {
        var rest = Stopped ? "" : _held.ToString();
        _held.Clear();
        return rest;
    }

    private string Release()
    {
        var text = _held.ToString();
        var stop = stops
            .Where(sequence => sequence.Length > 0)
            .Select(sequence => text.IndexOf(sequence, StringComparison.Ordinal))
            .Where(at => at >= 0)
            .DefaultIfEmpty(-1)
            .Min();
        Stopped = stop >= 0;
        var certain = Stopped ? stop : text.Length - PossibleStop(text);
        _held.Remove(0, certain);
        return text[..certain];
    }

    /// <summary>Length of the longest end of the text that begins a stop sequence.</summary>
    private int PossibleStop(string text)
    {
        for (var length = Math.Min(text.Length, stops.Select(stop => stop.Length).DefaultIfEmpty(0).Max()); length > 0; length--)
        {
            if (stops.Any(stop => stop.Length > length && stop.AsSpan(0, length).SequenceEqual(text.AsSpan(text.Length - length))))
            {
                return length;
            }
        }

        return 0;
    }
}
