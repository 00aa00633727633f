namespace WebTrainer.Portal.Features.Labeling;

/// <summary>What keys do while an item is before a person; the browser keeps each person's own keys.</summary>
/// <param name="Command">Its name between page and browser.</param>
/// <param name="Key">The key it begins with.</param>
public sealed record KeyBinding(string Command, string Key, string Does);

public static class KeyMap
{
    public static IReadOnlyList<KeyBinding> All { get; } =
    [
        new("submit", "Enter", "submit and go on"),
        new("up", "ArrowUp", "question before"),
        new("down", "ArrowDown", "next question"),
        new("back", "ArrowLeft", "item before"),
        new("forward", "ArrowRight", "next item"),
        new("undo", "u", "undo: the item you left last"),
        new("discard", "Backspace", "discard, or take the discard back"),
        new("skip", "s", "skip with a reason"),
        new("accept", "a", "take the suggestion"),
        new("note", "f", "flag, or write to the lead"),
        new("search", "/", "search the labels"),
        new("guidelines", "g", "guidelines"),
        new("help", "?", "all keys"),
        new("next-word", "n", "marks: next word"),
        new("previous-word", "p", "marks: word before"),
        new("longer", "+", "marks: longer"),
        new("shorter", "-", "marks: shorter"),
        new("remove-mark", "x", "marks: remove"),
    ];
}
