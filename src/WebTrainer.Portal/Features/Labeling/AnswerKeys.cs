using Microsoft.AspNetCore.Components.Web;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>What a key means while an item is before a person, apart from typing.</summary>
public enum AnswerCommand
{
    Save,
    Forward,
    Back,
    Undo,

    /// <summary>Out of what was begun, where there is something to go back to.</summary>
    Leave,
}

/// <summary>Reads keys by what is printed on them and, where that is not Latin, by their place: a Persian keyboard works as well.</summary>
public static class AnswerKeys
{
    /// <returns>An ASCII letter in lower case or a digit; null for all other keys and for shortcuts of the browser.</returns>
    public static char? Character(KeyboardEventArgs key)
    {
        if (key.CtrlKey || key.AltKey || key.MetaKey)
            return null;
        if (key.Key.Length == 1 && char.IsAsciiLetterOrDigit(key.Key[0]))
            return char.ToLowerInvariant(key.Key[0]);
        return key.Code.Length > 0 && (key.Code.StartsWith("Digit", StringComparison.Ordinal) || key.Code.StartsWith("Numpad", StringComparison.Ordinal)
            || key.Code.StartsWith("Key", StringComparison.Ordinal) && char.IsAsciiLetterOrDigit(key.Code[^1]))
            ? char.ToLowerInvariant(key.Code[^1])
            : null;
    }

    /// <param name="letters">False where letters are typed as text.</param>
    public static AnswerCommand? Command(KeyboardEventArgs key, bool letters)
    {
        if (key.CtrlKey || key.MetaKey)
            return key.Key == "Enter" ? AnswerCommand.Save : key.Code == "KeyZ" || key.Key == "z" ? AnswerCommand.Undo : null;
        return key.Key switch
        {
            "Enter" => AnswerCommand.Save,
            "ArrowRight" => AnswerCommand.Forward,
            "ArrowLeft" => AnswerCommand.Back,
            "Escape" => AnswerCommand.Leave,
            _ when !letters => null,
            _ => Character(key) switch
            {
                'j' => AnswerCommand.Forward,
                'k' => AnswerCommand.Back,
                'u' => AnswerCommand.Undo,
                _ => null,
            },
        };
    }
}
