using System.Globalization;
using System.Text.Json.Serialization;

namespace WebTrainer.Search;

/// <summary>One setting that a search may choose. Its value is a number: of a choice, the index.</summary>
/// <param name="Name">Unique in its space.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(FloatParameter), "float")]
[JsonDerivedType(typeof(IntegerParameter), "integer")]
[JsonDerivedType(typeof(ChoiceParameter), "choice")]
public abstract record Parameter(string Name)
{
    /// <summary>The parameter has a value only when another has one of these; null: always.</summary>
    public ParentCondition? When { get; init; }

    /// <summary>What makes no sense in it, as a sentence; null where all is well.</summary>
    public abstract string? Fault();

    /// <summary>The value at a share of the way from the lowest to the highest, 0 to 1.</summary>
    public abstract double FromUnit(double unit);

    /// <summary>Where a value lies, 0 to 1.</summary>
    public abstract double ToUnit(double value);

    /// <summary>Different values it can have; null for a continuum.</summary>
    [JsonIgnore]
    public abstract int? Count { get; }

    /// <summary>The value as people read it, in the invariant culture; of a choice, its name.</summary>
    /// <param name="value">One of its own values.</param>
    public abstract string Write(double value);
}

/// <summary>When a parameter has a value at all.</summary>
/// <param name="Parent">Name of a <see cref="ChoiceParameter"/>.</param>
/// <param name="Choices">Its choices with which the parameter has a value.</param>
public sealed record ParentCondition(string Parent, IReadOnlyList<string> Choices);

/// <summary>Any number from <paramref name="Low"/> to <paramref name="High"/>, both allowed.</summary>
/// <param name="Name">Unique in its space.</param>
/// <param name="Low">Finite; above 0 on a logarithmic scale.</param>
/// <param name="High">Finite and above <paramref name="Low"/>.</param>
/// <param name="Logarithmic">Each factor is as likely as another, not each difference.</param>
public sealed record FloatParameter(string Name, double Low, double High, bool Logarithmic = false) : Parameter(Name)
{
    /// <inheritdoc/>
    public override string? Fault() =>
        !double.IsFinite(Low) || !double.IsFinite(High) || Low >= High ? $"{Name}: the lowest value must be a number below the highest."
        : Logarithmic && Low <= 0 ? $"{Name}: on a logarithmic scale the lowest value must be above 0."
        : null;

    /// <inheritdoc/>
    public override double FromUnit(double unit) =>
        Logarithmic
            ? Math.Clamp(Math.Exp(Math.Log(Low) + unit * (Math.Log(High) - Math.Log(Low))), Low, High)
            : Math.Clamp(Low + unit * (High - Low), Low, High);

    /// <inheritdoc/>
    public override double ToUnit(double value) =>
        Math.Clamp(Logarithmic ? (Math.Log(value) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low)) : (value - Low) / (High - Low), 0, 1);

    /// <summary>Null: a continuum.</summary>
    public override int? Count => null;

    /// <summary>To four significant digits; the point itself keeps the exact value.</summary>
    public override string Write(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}

/// <summary>Whole numbers from <paramref name="Low"/> to <paramref name="High"/>; each has the room of one unit around it.</summary>
public sealed record IntegerParameter(string Name, int Low, int High, bool Logarithmic = false) : Parameter(Name)
{
    /// <inheritdoc/>
    public override string? Fault() =>
        Low >= High ? $"{Name}: the lowest value must be below the highest."
        : Logarithmic && Low < 1 ? $"{Name}: on a logarithmic scale the lowest value must be 1 or more."
        : null;

    /// <summary>Rounded to the whole number whose room the share lies in.</summary>
    public override double FromUnit(double unit) => Math.Clamp(Math.Round(Inner.FromUnit(unit)), Low, High);

    /// <summary>Where the number lies in a range that has half a unit more at either end.</summary>
    public override double ToUnit(double value) => Inner.ToUnit(value);

    /// <summary>Both ends counted.</summary>
    public override int? Count => High - Low + 1;

    /// <summary>Without decimals.</summary>
    public override string Write(double value) => value.ToString("0", CultureInfo.InvariantCulture);

    private FloatParameter Inner => new(Name, Low - 0.5, High + 0.5, Logarithmic);
}

/// <summary>One of some names, without an order among them. Its value is the index in <paramref name="Choices"/>.</summary>
/// <param name="Name">Unique in its space.</param>
/// <param name="Choices">At least two, each once.</param>
public sealed record ChoiceParameter(string Name, IReadOnlyList<string> Choices) : Parameter(Name)
{
    /// <inheritdoc/>
    public override string? Fault() =>
        Choices.Count < 2 ? $"{Name}: give at least two choices."
        : Choices.Distinct(StringComparer.Ordinal).Count() != Choices.Count ? $"{Name}: a choice is named twice."
        : null;

    /// <summary>The index; each choice has an equal part of 0 to 1.</summary>
    public override double FromUnit(double unit) => Math.Clamp((int)(unit * Choices.Count), 0, Choices.Count - 1);

    /// <summary>The middle of the choice's part.</summary>
    public override double ToUnit(double value) => (value + 0.5) / Choices.Count;

    /// <summary>As many as there are choices.</summary>
    public override int? Count => Choices.Count;

    /// <summary>The choice's name.</summary>
    public override string Write(double value) => Choices[(int)value];
}
