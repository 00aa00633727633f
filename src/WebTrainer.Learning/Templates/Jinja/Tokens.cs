namespace WebTrainer.Learning.Templates.Jinja;

internal enum TokenKind
{
    /// <summary>Text outside of tags.</summary>
    Text,
    OutputBegin,
    OutputEnd,
    StatementBegin,
    StatementEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <param name="Kind">Of the token.</param>
/// <param name="Text">Of a string what it means, of a number its digits without underscores.</param>
/// <param name="Line">Where it stands, from 1, for errors.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public bool Is(string text) => Kind is TokenKind.Operator or TokenKind.Name && Text == text;
}
