namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>
/// Reads a template's statements. What needs other files (<c>include</c>, <c>import</c>, <c>extends</c>) is refused by its name.
/// </summary>
internal sealed class Parser(IReadOnlyList<Token> tokens) : ExpressionParser(tokens)
{
    private const int MaximumDepth = 100;
    private int _depth;

    /// <exception cref="TemplateException">The template is none.</exception>
    public static IReadOnlyList<Statement> Parse(string template) => new Parser(Lexer.Read(template)).ParseAll();

    private List<Statement> ParseAll()
    {
        var statements = ParseUntil();
        return Current.Kind == TokenKind.End ? statements : throw Fault($"'{Current.Text}' ends what didn't begin");
    }

    /// <summary>Statements up to a tag of one of these names, which is left to be read.</summary>
    private List<Statement> ParseUntil(params string[] ends)
    {
        if (++_depth > MaximumDepth)
        {
            throw Fault($"statements are nested more than {MaximumDepth} deep");
        }

        var statements = new List<Statement>();
        while (Current.Kind != TokenKind.End)
        {
            var token = Next();
            switch (token.Kind)
            {
                case TokenKind.Text:
                    statements.Add(new Text(token.Text));
                    break;
                case TokenKind.OutputBegin:
                    statements.Add(new Output(ParseTuple()));
                    ExpectEnd(TokenKind.OutputEnd);
                    break;
                case TokenKind.StatementBegin when Current.Kind == TokenKind.Name && ends.Contains(Current.Text):
                    _depth--;
                    return statements;
                default:
                    statements.Add(ParseStatement());
                    break;
            }
        }

        _depth--;
        return ends.Length == 0 ? statements : throw Fault($"'{ends[^1]}' is missing");
    }

    private List<Statement> ParseBody(string end)
    {
        ExpectEnd(TokenKind.StatementEnd);
        var body = ParseUntil(end);
        Next();
        return body;
    }

    private void ExpectEnd(TokenKind kind)
    {
        if (Next().Kind != kind)
        {
            throw Fault("a tag holds more than was expected");
        }
    }

    private Statement ParseStatement()
    {
        var name = ExpectName();
        Statement statement = name switch
        {
            "if" => ParseIf(),
            "for" => ParseFor(),
            "set" => ParseSet(),
            "macro" => ParseMacro(),
            "call" => ParseCall(),
            "filter" => ParseFilterBlock(),
            "with" => ParseWith(),
            "generation" => new Generation(ParseBody("endgeneration")),
            "block" => ParseNamedBlock(),
            "break" => new Leave(Continues: false),
            "continue" => new Leave(Continues: true),
            "print" => new Output(ParseTuple()),
            _ => throw Fault($"the tag '{name}' is not known here"),
        };
        ExpectEnd(TokenKind.StatementEnd);
        return statement;
    }

    private If ParseIf()
    {
        var (branches, otherwise) = (new List<(Expression, IReadOnlyList<Statement>)>(), new List<Statement>());
        while (true)
        {
            var condition = ParseTuple(conditional: false);
            ExpectEnd(TokenKind.StatementEnd);
            branches.Add((condition, ParseUntil("elif", "else", "endif")));
            if (Skip("elif"))
            {
                continue;
            }

            if (Skip("else"))
            {
                ExpectEnd(TokenKind.StatementEnd);
                otherwise = ParseUntil("endif");
            }

            Expect("endif");
            return new(branches, otherwise);
        }
    }

    private For ParseFor()
    {
        var target = ParseTarget();
        Expect("in");
        var of = ParseTuple(conditional: false, until: "recursive");
        var where = Skip("if") ? ParseExpression() : null;
        var recursive = Skip("recursive");
        ExpectEnd(TokenKind.StatementEnd);
        var body = ParseUntil("else", "endfor");
        var otherwise = new List<Statement>();
        if (Skip("else"))
        {
            ExpectEnd(TokenKind.StatementEnd);
            otherwise = ParseUntil("endfor");
        }

        Expect("endfor");
        return new(target, of, where, body, otherwise, recursive);
    }

    private Statement ParseSet()
    {
        var target = ParseTarget(namespaces: true);
        if (Skip("="))
        {
            return new Set(target, ParseTuple());
        }

        var filter = ParseFilter(null);
        return new SetBlock(target, filter, ParseBody("endset"));
    }

    private MacroDefinition ParseMacro()
    {
        var (from, name) = (Place, ExpectName());
        return new(name, ParseSignature(), ParseBody("endmacro"), UsesSince(from));
    }

    private CallBlock ParseCall()
    {
        var from = Place;
        var signature = Current.Is("(") ? ParseSignature() : new Signature([], new Dictionary<string, Expression>());
        var call = ParseExpression() as Call ?? throw Fault("'call' stands before what is no call");
        return new(call, signature, ParseBody("endcall"), UsesSince(from));
    }

    private MacroUses UsesSince(int place) =>
        (Names(place, "varargs") ? MacroUses.Rest : MacroUses.None)
        | (Names(place, "kwargs") ? MacroUses.NamedRest : MacroUses.None)
        | (Names(place, "caller") ? MacroUses.Caller : MacroUses.None);

    private Signature ParseSignature()
    {
        Expect("(");
        var (names, defaults) = (new List<string>(), new Dictionary<string, Expression>(StringComparer.Ordinal));
        while (!Current.Is(")"))
        {
            var name = ExpectName();
            names.Add(name);
            if (Skip("="))
            {
                defaults[name] = ParseExpression();
            }
            else if (defaults.Count > 0)
            {
                throw Fault("a parameter without a default stands behind one that has one");
            }

            if (!Current.Is(")"))
            {
                Expect(",");
            }
        }

        Expect(")");
        return new(names, defaults);
    }

    private FilterBlock ParseFilterBlock()
    {
        var filter = ParseFilter(null, begun: true);
        return new(filter, ParseBody("endfilter"));
    }

    private With ParseWith()
    {
        var values = new List<(Expression, Expression)>();
        while (Current.Kind != TokenKind.StatementEnd)
        {
            if (values.Count > 0)
            {
                Expect(",");
            }

            var target = new Variable(ExpectName());
            Expect("=");
            values.Add((target, ParseExpression()));
        }

        return new(values, ParseBody("endwith"));
    }

    private Block ParseNamedBlock()
    {
        var name = ExpectName();
        var body = ParseBody("endblock");
        Skip(name);
        return new(body);
    }
}
