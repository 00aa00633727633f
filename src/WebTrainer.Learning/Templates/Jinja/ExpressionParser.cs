using System.Globalization;
using System.Numerics;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>
/// Reads expressions by Jinja2's grammar, whose operators bind otherwise than Python's: <c>~</c> binds more tightly than <c>+</c>.
/// </summary>
internal class ExpressionParser(IReadOnlyList<Token> tokens)
{
    private const int MaximumDepth = 200;
    private int _at,
        _depth;

    protected Token Current => tokens[_at];

    protected int Place => _at;

    /// <summary>Whether this name stands between a place and here.</summary>
    protected bool Names(int from, string name) =>
        Enumerable.Range(from, _at - from).Any(at => tokens[at] is { Kind: TokenKind.Name } token && token.Text == name);

    protected Token Next() => tokens[Current.Kind == TokenKind.End ? _at : _at++];

    protected bool Skip(string text)
    {
        var found = Current.Is(text);
        _at += found ? 1 : 0;
        return found;
    }

    protected void Expect(string text)
    {
        if (!Skip(text))
        {
            throw Fault($"'{text}' is expected where '{Current.Text}' stands");
        }
    }

    protected string ExpectName() =>
        Current.Kind == TokenKind.Name ? Next().Text : throw Fault($"a name is expected where '{Current.Text}' stands");

    protected TemplateException Fault(string what) => new($"The chat template can't be read: {what}, in line {Current.Line}.");

    protected Expression ParseExpression(bool conditional = true)
    {
        if (++_depth > MaximumDepth)
        {
            throw Fault($"an expression is nested more than {MaximumDepth} deep");
        }

        var expression = conditional ? ParseConditional() : ParseOr();
        _depth--;
        return expression;
    }

    /// <summary>One expression, or several with commas between them, which are a tuple.</summary>
    protected Expression ParseTuple(bool conditional = true, string? until = null)
    {
        var (items, isTuple) = (new List<Expression>(), false);
        while (!EndsTuple(until))
        {
            items.Add(ParseExpression(conditional));
            if (!Skip(","))
            {
                break;
            }

            isTuple = true;
        }

        return isTuple ? new ListOf(items, IsTuple: true)
            : items is [var only] ? only
            : throw Fault($"an expression is expected where '{Current.Text}' stands");
    }

    /// <summary>A name or several, or an attribute of a namespace.</summary>
    protected Expression ParseTarget(bool namespaces = false)
    {
        var (targets, isTuple) = (new List<Expression>(), false);
        do
        {
            if (Current.Kind is TokenKind.StatementEnd || Current.Is("=") || Current.Is("in"))
            {
                break;
            }

            targets.Add(ParseOneTarget(namespaces));
            isTuple |= Current.Is(",");
        } while (Skip(","));
        return isTuple ? new ListOf(targets, IsTuple: true)
            : targets is [var only] ? only
            : throw Fault("a name is missing");
    }

    private Expression ParseOneTarget(bool namespaces)
    {
        if (Skip("("))
        {
            var inner = ParseTarget();
            Expect(")");
            return inner;
        }

        var name = ExpectName();
        return namespaces && Skip(".") ? new Attribute(new Variable(name), ExpectName()) : new Variable(name);
    }

    protected Filter ParseFilter(Expression? operand, bool begun = false)
    {
        Filter? filter = null;
        while (begun || Skip("|"))
        {
            begun = false;
            filter = new Filter(filter ?? operand, ParseDotted(), Current.Is("(") ? ParseArguments() : Arguments.None);
        }

        return filter!;
    }

    protected Arguments ParseArguments()
    {
        Expect("(");
        var (placed, named) = (new List<Expression>(), new List<(string, Expression)>());
        Expression? rest = null,
            namedRest = null;
        while (!Current.Is(")"))
        {
            if (Skip("**"))
            {
                namedRest = ParseExpression();
            }
            else if (Skip("*"))
            {
                rest = ParseExpression();
            }
            else if (Current.Kind == TokenKind.Name && tokens[_at + 1].Is("="))
            {
                var name = Next().Text;
                Expect("=");
                named.Add((name, ParseExpression()));
            }
            else if (named.Count > 0 || rest is not null)
            {
                throw Fault("an argument without name stands behind one that has a name");
            }
            else
            {
                placed.Add(ParseExpression());
            }

            if (!Current.Is(")"))
            {
                Expect(",");
            }
        }

        Expect(")");
        return new(placed, named, rest, namedRest);
    }

    private bool EndsTuple(string? until) =>
        Current.Kind is TokenKind.OutputEnd or TokenKind.StatementEnd || Current.Is(")") || (until is not null && Current.Is(until));

    private string ParseDotted()
    {
        var name = ExpectName();
        while (Skip("."))
        {
            name += "." + ExpectName();
        }

        return name;
    }

    private Expression ParseConditional()
    {
        var expression = ParseOr();
        while (Skip("if"))
        {
            var condition = ParseOr();
            expression = new Conditional(condition, expression, Skip("else") ? ParseExpression() : null);
        }

        return expression;
    }

    private Expression ParseOr() => LeftToRight(ParseAnd, "or");

    private Expression ParseAnd() => LeftToRight(ParseNot, "and");

    private Expression ParseNot()
    {
        if (!Current.Is("not"))
        {
            return ParseComparison();
        }

        Next();
        if (++_depth > MaximumDepth)
        {
            throw Fault($"an expression is nested more than {MaximumDepth} deep");
        }

        var operand = ParseNot();
        _depth--;
        return new Unary("not", operand);
    }

    private Expression ParseComparison()
    {
        var (first, others) = (ParseSum(), new List<(string, Expression)>());
        while (ComparisonHere() is { } sign)
        {
            others.Add((sign, ParseSum()));
        }

        return others.Count == 0 ? first : new Comparison(first, others);
    }

    private string? ComparisonHere()
    {
        if (Current.Is("not") && tokens[_at + 1].Is("in"))
        {
            _at += 2;
            return "not in";
        }

        var isSign =
            Current is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" }
            || Current is { Kind: TokenKind.Name, Text: "in" };
        return isSign ? Next().Text : null;
    }

    private Expression ParseSum() => LeftToRight(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation() => LeftToRight(ParseProduct, "~");

    private Expression ParseProduct() => LeftToRight(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => LeftToRight(() => ParseUnary(), "**");

    private Expression LeftToRight(Func<Expression> operand, params ReadOnlySpan<string> operators)
    {
        var left = operand();
        while (true)
        {
            var sign = Current.Text;
            if (Current.Kind is not (TokenKind.Operator or TokenKind.Name) || !operators.Contains(sign))
            {
                return left;
            }

            Next();
            left = new Binary(sign, left, operand());
        }
    }

    private Expression ParseUnary(bool filters = true)
    {
        Expression expression;
        if (Current is { Kind: TokenKind.Operator, Text: "-" or "+" })
        {
            var sign = Next().Text;
            if (++_depth > MaximumDepth)
            {
                throw Fault($"an expression is nested more than {MaximumDepth} deep");
            }

            expression = new Unary(sign, ParseUnary(filters: false));
            _depth--;
        }
        else
        {
            expression = ParsePrimary();
        }

        expression = ParsePostfix(expression);
        return filters ? ParseFiltersAndTests(expression) : expression;
    }

    private Expression ParseFiltersAndTests(Expression expression)
    {
        while (true)
        {
            if (Current.Is("|"))
            {
                expression = ParseFilter(expression);
            }
            else if (Current.Is("is"))
            {
                expression = ParseTest(expression);
            }
            else if (Current.Is("("))
            {
                expression = new Call(expression, ParseArguments());
            }
            else
            {
                return expression;
            }
        }
    }

    private Test ParseTest(Expression operand)
    {
        Expect("is");
        var (negated, name) = (Skip("not"), ParseDotted());
        var arguments =
            Current.Is("(") ? ParseArguments()
            : BeginsArgument() ? new Arguments([ParsePostfix(ParsePrimary())], [])
            : Arguments.None;
        return new(operand, name, arguments, negated);
    }

    private bool BeginsArgument() =>
        Current.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float
        || Current is { Kind: TokenKind.Operator, Text: "[" or "{" }
        || (Current.Kind == TokenKind.Name && Current.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not"));

    private Expression ParsePostfix(Expression expression)
    {
        while (true)
        {
            if (Skip("."))
            {
                expression =
                    Current.Kind == TokenKind.Integer
                        ? new Item(expression, new Constant(ParseInteger(Next().Text)))
                        : new Attribute(expression, ExpectName());
            }
            else if (Skip("["))
            {
                var key = ParseKey();
                Expect("]");
                expression = new Item(expression, key);
            }
            else if (Current.Is("("))
            {
                expression = new Call(expression, ParseArguments());
            }
            else
            {
                return expression;
            }
        }
    }

    private Expression ParseKey()
    {
        Expression? Part() => Current.Is(":") || Current.Is("]") ? null : ParseExpression();
        var from = Part();
        if (!Skip(":"))
        {
            return from ?? throw Fault("a place in brackets is missing");
        }

        var to = Part();
        return new Slice(from, to, Skip(":") ? Part() : null);
    }

    private Expression ParsePrimary()
    {
        var token = Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Constant(true),
                    "false" or "False" => new Constant(false),
                    "none" or "None" => new Constant(null),
                    _ => new Variable(token.Text),
                };
            case TokenKind.String:
                var text = token.Text;
                while (Current.Kind == TokenKind.String)
                {
                    text += Next().Text;
                }

                return new Constant(text);
            case TokenKind.Integer:
                return new Constant(ParseInteger(token.Text));
            case TokenKind.Float:
                return new Constant(double.Parse(token.Text, CultureInfo.InvariantCulture));
            case TokenKind.Operator when token.Text == "(":
                return ParseParentheses();
            case TokenKind.Operator when token.Text == "[":
                return ParseList();
            case TokenKind.Operator when token.Text == "{":
                return ParseMap();
            default:
                throw Fault($"'{token.Text}' is not expected");
        }
    }

    private Expression ParseParentheses()
    {
        if (Skip(")"))
        {
            return new ListOf([], IsTuple: true);
        }

        var inner = ParseTuple();
        Expect(")");
        return inner;
    }

    private ListOf ParseList()
    {
        var items = new List<Expression>();
        while (!Current.Is("]"))
        {
            items.Add(ParseExpression());
            if (!Current.Is("]"))
            {
                Expect(",");
            }
        }

        Expect("]");
        return new(items, IsTuple: false);
    }

    private MapOf ParseMap()
    {
        var entries = new List<(Expression, Expression)>();
        while (!Current.Is("}"))
        {
            var key = ParseExpression();
            Expect(":");
            entries.Add((key, ParseExpression()));
            if (!Current.Is("}"))
            {
                Expect(",");
            }
        }

        Expect("}");
        return new(entries);
    }

    private static object ParseInteger(string digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var small)
            ? (object)small
            : BigInteger.Parse(digits, CultureInfo.InvariantCulture);
}
