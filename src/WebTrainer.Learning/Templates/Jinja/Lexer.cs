using System.Text;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>
/// Cuts a template into tokens as Jinja2 3.1 does with <c>trim_blocks</c> and <c>lstrip_blocks</c>, which chat templates are written for:
/// the line end behind a statement goes, and so do the spaces before one that begins its line.
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private bool _beginsLine = true;

    private Lexer(string source)
    {
        var lines = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = lines.EndsWith('\n') ? lines[..^1] : lines;
    }

    /// <exception cref="TemplateException">A tag or a string has no end, or holds a sign that is none of the language.</exception>
    public static IReadOnlyList<Token> Read(string source)
    {
        var lexer = new Lexer(source);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        while (_at < _source.Length)
        {
            var begin = NextTag();
            if (begin < 0)
            {
                AddText(_source[_at..]);
                break;
            }

            ReadTag(begin);
        }

        Add(TokenKind.End, "");
    }

    private int NextTag()
    {
        for (var at = _source.IndexOf('{', _at); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    private void ReadTag(int begin)
    {
        var kind = _source[begin + 1];
        var sign = begin + 2 < _source.Length && _source[begin + 2] is '-' or '+' ? _source[begin + 2] : ' ';
        AddText(Before(_source[_at..begin], sign, stripsLine: kind != '{'));
        _at = begin + 2;
        if (kind == '#')
        {
            SkipComment();
        }
        else if (kind == '%' && RawBegins(sign) is { } raw)
        {
            ReadRaw(raw);
        }
        else
        {
            _at += sign == ' ' ? 0 : 1;
            ReadCode(kind == '{');
        }
    }

    /// <summary>What of a text is left before a tag.</summary>
    private string Before(string text, char sign, bool stripsLine)
    {
        if (sign == '-')
        {
            return PythonText.TrimEnd(text);
        }

        if (sign == '+' || !stripsLine)
        {
            return text;
        }

        var line = text.LastIndexOf('\n') + 1;
        return (line > 0 || _beginsLine) && text.Skip(line).All(PythonText.IsSpace) ? text[..line] : text;
    }

    private void SkipComment()
    {
        var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Fault("a comment without end");
        }

        var sign = end > _at ? _source[end - 1] : ' ';
        _at = end + 2;
        BehindTag(sign, trimsLine: true);
    }

    /// <returns>Where the text begins that a <c>raw</c> tag keeps as it is, and whether white space goes before it.</returns>
    private (int From, bool Trims)? RawBegins(char sign)
    {
        var at = SkipSpaces(sign == ' ' ? _at : _at + 1);
        if (string.CompareOrdinal(_source, at, "raw", 0, 3) != 0)
        {
            return null;
        }

        at = SkipSpaces(at + 3);
        var trims = at < _source.Length && _source[at] == '-';
        at += trims ? 1 : 0;
        return string.CompareOrdinal(_source, at, "%}", 0, 2) == 0 ? (at + 2, trims) : null;
    }

    private void ReadRaw((int From, bool Trims) raw)
    {
        _beginsLine = false;
        var from = raw.Trims ? SkipSpaces(raw.From) : raw.From;
        for (
            var at = _source.IndexOf("{%", from, StringComparison.Ordinal);
            at >= 0;
            at = _source.IndexOf("{%", at + 1, StringComparison.Ordinal)
        )
        {
            var sign = at + 2 < _source.Length && _source[at + 2] is '-' or '+' ? _source[at + 2] : ' ';
            var name = SkipSpaces(at + (sign == ' ' ? 2 : 3));
            if (string.CompareOrdinal(_source, name, "endraw", 0, 6) != 0)
            {
                continue;
            }

            var end = SkipSpaces(name + 6);
            var endSign = end < _source.Length && _source[end] is '-' or '+' ? _source[end] : ' ';
            end += endSign == ' ' ? 0 : 1;
            if (string.CompareOrdinal(_source, end, "%}", 0, 2) == 0)
            {
                AddText(Before(_source[from..at], sign, stripsLine: true));
                _at = end + 2;
                BehindTag(endSign, trimsLine: true);
                return;
            }
        }

        throw Fault("a raw text without end");
    }

    private void BehindTag(char sign, bool trimsLine)
    {
        var from = _at;
        if (sign == '-')
        {
            _at = SkipSpaces(_at);
        }
        else if (sign != '+' && trimsLine && _at < _source.Length && _source[_at] == '\n')
        {
            _at++;
        }

        _beginsLine = _at > from && _source[_at - 1] == '\n';
    }

    private void ReadCode(bool output)
    {
        Add(output ? TokenKind.OutputBegin : TokenKind.StatementBegin, "");
        var (open, close) = (new Stack<char>(), output ? "}}" : "%}");
        while (true)
        {
            _at = SkipSpaces(_at);
            if (_at >= _source.Length)
            {
                throw Fault("a tag without end");
            }

            if (open.Count == 0 && EndsAt(close, out var sign))
            {
                Add(output ? TokenKind.OutputEnd : TokenKind.StatementEnd, "");
                BehindTag(sign, trimsLine: !output);
                return;
            }

            ReadToken(open);
        }
    }

    private bool EndsAt(string close, out char sign)
    {
        sign = _source[_at] == '-' || (_source[_at] == '+' && close == "%}") ? _source[_at] : ' ';
        var at = sign == ' ' ? _at : _at + 1;
        if (string.CompareOrdinal(_source, at, close, 0, 2) != 0)
        {
            return false;
        }

        _at = at + 2;
        return true;
    }

    private void ReadToken(Stack<char> open)
    {
        var first = _source[_at];
        if (first is '\'' or '"')
        {
            ReadString(first);
        }
        else if (char.IsAsciiDigit(first))
        {
            ReadNumber();
        }
        else if (first == '_' || char.IsLetter(first))
        {
            var end = _at;
            while (end < _source.Length && (_source[end] == '_' || char.IsLetterOrDigit(_source[end])))
            {
                end++;
            }

            Take(TokenKind.Name, end - _at);
        }
        else
        {
            ReadOperator(first, open);
        }
    }

    private void ReadOperator(char first, Stack<char> open)
    {
        var pair = _at + 1 < _source.Length ? _source.Substring(_at, 2) : "";
        if (pair is "//" or "**" or "==" or "!=" or ">=" or "<=")
        {
            Take(TokenKind.Operator, 2);
            return;
        }

        if (!"+-/*%~[](){}><=.:|,;".Contains(first, StringComparison.Ordinal))
        {
            throw Fault($"the sign '{first}', which is none of the language");
        }

        if (first is '(' or '[' or '{')
        {
            open.Push(
                first is '(' ? ')'
                : first is '[' ? ']'
                : '}'
            );
        }
        else if (first is ')' or ']' or '}' && (!open.TryPop(out var expected) || expected != first))
        {
            throw Fault($"'{first}' without its beginning");
        }

        Take(TokenKind.Operator, 1);
    }

    private void ReadNumber()
    {
        var end = Digits(_at);
        var isFloat = false;
        var afterDot = _at > 0 && _source[_at - 1] == '.';
        if (!afterDot && end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]))
        {
            (end, isFloat) = (Digits(end + 1), true);
        }

        if (!afterDot && end < _source.Length && _source[end] is 'e' or 'E')
        {
            var digits = end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (digits < _source.Length && char.IsAsciiDigit(_source[digits]))
            {
                (end, isFloat) = (Digits(digits), true);
            }
        }

        var text = _source[_at..end].Replace("_", "", StringComparison.Ordinal);
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, text);
        _at = end;
    }

    private int Digits(int at)
    {
        while (
            at < _source.Length
            && (char.IsAsciiDigit(_source[at]) || (_source[at] == '_' && at + 1 < _source.Length && char.IsAsciiDigit(_source[at + 1])))
        )
        {
            at++;
        }

        return at;
    }

    private void ReadString(char quote)
    {
        var end = _at + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }

        if (end >= _source.Length)
        {
            throw Fault("a string without end");
        }

        Add(TokenKind.String, Unescape(_source.AsSpan(_at + 1, end - _at - 1)));
        _at = end + 1;
    }

    /// <summary>Python's escapes; one that it doesn't know stays as it is written.</summary>
    private string Unescape(ReadOnlySpan<char> text)
    {
        var meant = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                meant.Append(text[at]);
                continue;
            }

            var escape = text[++at];
            var digits = escape switch
            {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                _ => 0,
            };
            if (digits > 0)
            {
                meant.Append(Character(text, at + 1, digits));
                at += digits;
                continue;
            }

            meant.Append(
                escape switch
                {
                    'n' => "\n",
                    't' => "\t",
                    'r' => "\r",
                    'b' => "\b",
                    'f' => "\f",
                    'v' => "\v",
                    'a' => "\a",
                    '0' => "\0",
                    '\\' => "\\",
                    '\'' => "'",
                    '"' => "\"",
                    '\n' => "",
                    _ => "\\" + escape,
                }
            );
        }

        return meant.ToString();
    }

    private string Character(ReadOnlySpan<char> text, int at, int digits)
    {
        return
            at + digits <= text.Length
            && int.TryParse(text.Slice(at, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code)
            && code is >= 0 and <= 0x10FFFF
            ? code <= 0xFFFF
                ? ((char)code).ToString()
                : char.ConvertFromUtf32(code)
            : throw Fault("a string with an escape that stands for no character");
    }

    private int SkipSpaces(int at)
    {
        while (at < _source.Length && PythonText.IsSpace(_source[at]))
        {
            at++;
        }

        return at;
    }

    private void Take(TokenKind kind, int length)
    {
        Add(kind, _source.Substring(_at, length));
        _at += length;
    }

    private void AddText(string text)
    {
        if (text.Length > 0)
        {
            Add(TokenKind.Text, text);
        }
    }

    private void Add(TokenKind kind, string text) => _tokens.Add(new(kind, text, Line));

    private int Line => _source.AsSpan(0, Math.Min(_at, _source.Length)).Count('\n') + 1;

    private TemplateException Fault(string what) => new($"The chat template has {what}, in line {Line}.");
}
