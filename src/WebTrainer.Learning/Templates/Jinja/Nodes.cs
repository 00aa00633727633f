namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>What gives a value.</summary>
internal abstract record Expression;

internal sealed record Constant(object? Value) : Expression;

internal sealed record Variable(string Name) : Expression;

internal sealed record ListOf(IReadOnlyList<Expression> Items, bool IsTuple) : Expression;

internal sealed record MapOf(IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression;

internal sealed record Attribute(Expression Of, string Name) : Expression;

internal sealed record Item(Expression Of, Expression Key) : Expression;

internal sealed record Slice(Expression? From, Expression? To, Expression? Step) : Expression;

internal sealed record Unary(string Operator, Expression Operand) : Expression;

internal sealed record Binary(string Operator, Expression Left, Expression Right) : Expression;

/// <summary>Python's chain: each neighbouring pair must hold.</summary>
internal sealed record Comparison(Expression First, IReadOnlyList<(string Operator, Expression Right)> Others) : Expression;

internal sealed record Conditional(Expression Condition, Expression Then, Expression? Else) : Expression;

internal sealed record Call(Expression Of, Arguments Arguments) : Expression;

/// <param name="Operand">Null for the text of a block.</param>
/// <param name="Name">Of the filter.</param>
/// <param name="Arguments">Behind the operand.</param>
internal sealed record Filter(Expression? Operand, string Name, Arguments Arguments) : Expression;

internal sealed record Test(Expression Operand, string Name, Arguments Arguments, bool Negated) : Expression;

/// <summary>
/// Arguments of a call; <paramref name="Rest"/> and <paramref name="NamedRest"/> are those behind <c>*</c> and <c>**</c>.
/// </summary>
internal sealed record Arguments(
    IReadOnlyList<Expression> Placed,
    IReadOnlyList<(string Name, Expression Value)> Named,
    Expression? Rest = null,
    Expression? NamedRest = null
)
{
    public static Arguments None { get; } = new([], []);
}

/// <summary>What writes or changes something.</summary>
internal abstract record Statement;

internal sealed record Text(string Value) : Statement;

internal sealed record Output(Expression Value) : Statement;

internal sealed record If(IReadOnlyList<(Expression Condition, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else)
    : Statement;

internal sealed record For(
    Expression Target,
    Expression Of,
    Expression? Where,
    IReadOnlyList<Statement> Body,
    IReadOnlyList<Statement> Else,
    bool Recursive
) : Statement;

internal sealed record Leave(bool Continues) : Statement;

internal sealed record Set(Expression Target, Expression Value) : Statement;

/// <param name="Target">What is set.</param>
/// <param name="Filter">Null where the text is taken as it is.</param>
/// <param name="Body">Gives the text.</param>
internal sealed record SetBlock(Expression Target, Filter? Filter, IReadOnlyList<Statement> Body) : Statement;

/// <summary>What a macro's body names beside its parameters.</summary>
[Flags]
internal enum MacroUses
{
    None = 0,
    Rest = 1,
    NamedRest = 2,
    Caller = 4,
}

internal sealed record MacroDefinition(string Name, Signature Signature, IReadOnlyList<Statement> Body, MacroUses Uses) : Statement;

internal sealed record Signature(IReadOnlyList<string> Names, IReadOnlyDictionary<string, Expression> Defaults);

internal sealed record CallBlock(Call Call, Signature Signature, IReadOnlyList<Statement> Body, MacroUses Uses) : Statement;

internal sealed record FilterBlock(Filter Filter, IReadOnlyList<Statement> Body) : Statement;

internal sealed record With(IReadOnlyList<(Expression Target, Expression Value)> Values, IReadOnlyList<Statement> Body) : Statement;

/// <summary>What the model writes, by <c>{% generation %}</c>.</summary>
internal sealed record Generation(IReadOnlyList<Statement> Body) : Statement;

/// <summary>Statements whose names stay in them.</summary>
internal sealed record Block(IReadOnlyList<Statement> Body) : Statement;
