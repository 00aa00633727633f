using System.Text.Json;
using System.Text.Json.Serialization;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>One thing that a person did on an item, as their browser numbered it.</summary>
/// <param name="Stream">The page load that it was done in; numbers grow within it.</param>
/// <param name="Item">The item that was before the person; empty without one.</param>
/// <param name="Command">A name of <see cref="KeyMap"/>, a digit, or what <see cref="SheetEditor"/> understands.</param>
/// <param name="Seconds">Time of work since the one before.</param>
/// <param name="Texts">What is written in the fields, by question.</param>
/// <param name="Again">Done before the reload, or on an item that the server has left meanwhile: it counts for its item all the
/// same.</param>
public sealed record KeyPress(
    string Stream,
    long Sequence,
    string Item,
    string Command,
    double Seconds = 0,
    IReadOnlyDictionary<string, string>? Texts = null,
    bool Again = false
);

/// <summary>
/// Where a person is on a sheet: what the next digit answers, the words that the next label marks, and the marks that the next one links.
/// </summary>
public sealed record SheetCursor(string? Question, int Turn = 0, int? Start = null, int? End = null, IReadOnlyList<int>? Ends = null);

/// <summary>
/// What of each page load has reached an answer already, kept with the answer itself: what is sent again after a reload counts once, and
/// what comes after it begins where it was pressed.
/// </summary>
public sealed class HeardKeys
{
    /// <summary>Page loads that are remembered; older ones have nothing to send any more.</summary>
    private const int MaxStreams = 16;
    private const int MaxStreamLength = 64;
    private readonly List<Heard> _streams;

    private sealed record Heard(
        [property: JsonPropertyName("s")] string Stream,
        [property: JsonPropertyName("n")] long Sequence,
        [property: JsonPropertyName("c")] SheetCursor Cursor
    );

    private HeardKeys(List<Heard> streams) => _streams = streams;

    /// <param name="written">As <see cref="ToString"/> wrote it; null for none.</param>
    public static HeardKeys Read(string? written) => new(written is null ? [] : JsonSerializer.Deserialize<List<Heard>>(written)!);

    public bool Holds(KeyPress press) => _streams.Exists(s => s.Stream == press.Stream && s.Sequence >= press.Sequence);

    /// <summary>Where the page load was; null when it has done nothing here.</summary>
    public SheetCursor? CursorOf(string stream) => _streams.Find(s => s.Stream == stream)?.Cursor;

    public HeardKeys With(KeyPress press, SheetCursor cursor)
    {
        var stream = press.Stream.Length > MaxStreamLength ? press.Stream[..MaxStreamLength] : press.Stream;
        return new([.. _streams.Where(s => s.Stream != stream).TakeLast(MaxStreams - 1), new Heard(stream, press.Sequence, cursor)]);
    }

    public override string ToString() => JsonSerializer.Serialize(_streams);
}
