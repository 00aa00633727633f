using System.Globalization;

namespace WebTrainer.Pipeline;

/// <summary>
/// Where in its file a row began, as one number: above 0 the line; below 0 the element of a JSON list, for one that begins in the same line
/// as the element before it (many programs write a whole list into one line); 0 where it came from no file.
/// </summary>
public static class SourcePlace
{
    /// <summary><c>line 12</c>, or <c>element 3</c>.</summary>
    public static string Words(long place) =>
        string.Create(CultureInfo.InvariantCulture, $"{(place < 0 ? "element" : "line")} {Math.Abs(place):N0}");

    /// <summary>As <see cref="Words"/>, to begin a sentence or a cell with.</summary>
    public static string Title(long place) => place < 0 ? "E" + Words(place)[1..] : "L" + Words(place)[1..];
}
