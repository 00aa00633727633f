using System.Globalization;

namespace WebTrainer.Protocol.Settings;

/// <summary>The part of a spec that a setting stands in.</summary>
public enum SettingGroup
{
    /// <summary><see cref="TuningSettings.Objective"/></summary>
    Objective,

    /// <summary><see cref="TuningSettings.Method"/></summary>
    Method,

    /// <summary><see cref="TuningSettings.Classifier"/>, which decoders have not.</summary>
    Classifier,

    /// <summary><see cref="TuningSettings.Training"/></summary>
    Training,

    /// <summary><see cref="TuningSettings.Privacy"/></summary>
    Privacy,
}

/// <summary>What a setting's value is.</summary>
public enum SettingKind
{
    /// <summary>A finite number, with a decimal point or without.</summary>
    Number,

    /// <summary>A number without a fraction.</summary>
    Whole,

    /// <summary>True or false: a switch in the form.</summary>
    YesNo,

    /// <summary>One of <see cref="Setting.Choices"/>.</summary>
    Choice,

    /// <summary>Any of the choices.</summary>
    Choices,

    /// <summary>Free text, such as the folder of a teacher or a separator of labels.</summary>
    Text,
}

/// <summary>Where the form asks for a setting.</summary>
public enum SettingPlace
{
    /// <summary>Shown at once: what is learned, and by which objective.</summary>
    What,

    /// <summary>Shown at once: by which method it is learned.</summary>
    How,

    /// <summary>Shown at once: how long it is learned, and from how much at once.</summary>
    HowLong,

    /// <summary>Folded until somebody looks for it.</summary>
    More,
}

/// <param name="Value">As in the file.</param>
/// <param name="Label">For people.</param>
/// <param name="Sentence">What it does and when to take it.</param>
/// <param name="Fits">Where it can be chosen; null: everywhere.</param>
public sealed record SettingChoice(string Value, string Label, string Sentence = "", Func<TuningSettings, bool>? Fits = null);

/// <summary>Where a search looks for a setting's value unless somebody says otherwise.</summary>
/// <param name="Low">Lowest number.</param>
/// <param name="High">Highest number.</param>
/// <param name="Logarithmic">By factors.</param>
/// <param name="Values">Of a choice: what to choose from, as <see cref="Setting.Read"/> takes it.</param>
public sealed record SettingRange(double Low, double High, bool Logarithmic = false, IReadOnlyList<string>? Values = null);

/// <summary>One setting of a training: what it is called, what it may be, when it has a meaning, and where its value is kept.</summary>
public sealed record Setting
{
    private readonly string? _id;

    /// <summary>The part of the file that it stands in.</summary>
    public required SettingGroup Group { get; init; }

    /// <summary>As in the file, in camel case.</summary>
    public required string Name { get; init; }

    /// <summary>What people see before its field.</summary>
    public required string Label { get; init; }

    /// <summary>What it does, in a sentence beside its field.</summary>
    public required string Help { get; init; }

    /// <summary>What its value is: by it the form asks, and a text is read and checked.</summary>
    public required SettingKind Kind { get; init; }

    /// <summary>Stands for it where no group is said, in searches and pages; its name where that is its own.</summary>
    public string Id
    {
        get => _id ?? Name;
        init => _id = value;
    }

    /// <summary>Where it stands in the file.</summary>
    public string Path => $"{Group.ToString().ToLowerInvariant()}.{Name}";

    /// <summary>What its number counts; null where it has no unit.</summary>
    public string? Unit { get; init; }

    /// <summary>Lowest number that it may be.</summary>
    public double Low { get; init; } = double.NegativeInfinity;

    /// <summary>Highest number that it may be.</summary>
    public double High { get; init; } = double.PositiveInfinity;

    /// <summary>What a press on its field's arrows changes it by.</summary>
    public double Step { get; init; } = 1;

    /// <summary>What it is called where it has no value; null where it must have one.</summary>
    public string? None { get; init; }

    /// <summary>What the number 0 means where it isn't a size; null where it is one.</summary>
    public string? Zero { get; init; }

    /// <summary>Of a choice.</summary>
    public IReadOnlyList<SettingChoice> Choices { get; init; } = [];

    /// <summary>Names that stand for several choices at once.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Sets { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether it has a meaning beside the others. Where it has none it is neither asked for nor shown nor checked.</summary>
    public Func<TuningSettings, bool> Applies { get; init; } = _ => true;

    /// <summary>
    /// False for what says only when something is written or looked at: a run may go on from its checkpoints under another value.
    /// </summary>
    public bool ChangesWhatIsLearned { get; init; } = true;

    /// <summary>Where the form asks for it; folded where nothing is said.</summary>
    public SettingPlace Place { get; init; } = SettingPlace.More;

    /// <summary>Null where no search chooses it.</summary>
    public SettingRange? Range { get; init; }

    /// <summary>Its value, in the property's own type.</summary>
    public required Func<TuningSettings, object?> Get { get; init; }

    /// <summary>The same settings with another value, of the property's own type.</summary>
    public required Func<TuningSettings, object?, TuningSettings> Set { get; init; }

    /// <summary>What it is where nobody has set it.</summary>
    public object? Default => Get(TuningSettings.Default);

    /// <summary>The choices that can be chosen beside the other settings.</summary>
    public IEnumerable<SettingChoice> Fitting(TuningSettings settings) => Choices.Where(choice => choice.Fits?.Invoke(settings) ?? true);

    /// <summary>Those of several choices that can be chosen beside the other settings; a name that is not in the table stays.</summary>
    public IReadOnlyList<string> Fitting(TuningSettings settings, IReadOnlyList<string> several) =>
        [.. several.Where(name => Choices.FirstOrDefault(choice => choice.Value == name)?.Fits?.Invoke(settings) ?? true)];

    /// <summary>The value as people read it.</summary>
    public string Words(TuningSettings settings) =>
        Get(settings) switch
        {
            null or "" => None ?? "none",
            bool on => on ? "yes" : "no",
            0 or 0d when Zero is not null => Zero,
            Enum choice => Choices.FirstOrDefault(known => known.Value == choice.ToString())?.Label ?? choice.ToString(),
            IReadOnlyList<string> several => string.Join(", ", several),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture) + (Unit is null ? "" : " " + Unit),
            var text => text.ToString()!,
        };

    /// <summary>
    /// Settings with a value that is written as text: a number, <c>yes</c> or <c>no</c>, a choice, or the name of several.
    /// </summary>
    /// <exception cref="FormatException">The text is no such value.</exception>
    public TuningSettings Read(TuningSettings settings, string text) =>
        Set(
            settings,
            Kind switch
            {
                SettingKind.Number => double.Parse(text, CultureInfo.InvariantCulture),
                SettingKind.Whole => int.Parse(text, CultureInfo.InvariantCulture),
                SettingKind.YesNo => text == "yes",
                SettingKind.Choices => Sets.TryGetValue(text, out var several) ? several : [text],
                SettingKind.Choice => Choices.FirstOrDefault(known => known.Value == text)?.Value
                    ?? throw new FormatException($"{Label} has no choice '{text}'."),
                _ => text,
            }
        );
}
