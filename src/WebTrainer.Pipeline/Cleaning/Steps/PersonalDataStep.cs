using WebTrainer.Pipeline.Cleaning.Finders;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>Takes personal data out of texts.</summary>
public sealed record PersonalDataStep : CleanStep
{
    /// <summary>UTF-16 units of a key.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>At least one. Where kinds overlap, what has check digits is taken before what only looks like a number.</summary>
    public IReadOnlyList<PersonalKind> Kinds { get; init; } =
    [PersonalKind.Email, PersonalKind.Phone, PersonalKind.Card, PersonalKind.Iban, PersonalKind.Ip];

    /// <summary>What is done about what is found.</summary>
    public MaskAction Action { get; init; }

    /// <summary>Country of phone numbers without a prefix, by its two letters; ZZ finds only those with one.</summary>
    public string Region { get; init; } = "ZZ";

    /// <summary>
    /// From which names are made under <see cref="MaskAction.Replace"/>: the same key gives the same names in every dataset.
    /// </summary>
    public string Key { get; init; } = "webtrainer";

    /// <inheritdoc/>
    public override string? Fault()
    {
        if (Kinds is null || Kinds.Count == 0 || Kinds.Any(k => !Enum.IsDefined(k)))
        {
            return "Choose at least one kind of personal data.";
        }

        if (Region is not { Length: 2 } || !Region.All(char.IsAsciiLetterUpper))
        {
            return "The country is two capital letters, as in DE; ZZ for none.";
        }

        return Key is null || Key.Length > MaxKeyLength ? $"The key has at most {MaxKeyLength} characters." : null;
    }

    internal override StepWork Begin(CleanContext context) =>
        new Masking([.. Kinds.Distinct().OrderBy(Order).Select(k => PersonalFinders.Of(k, Region))], Action, Key).Work();

    // What has check digits is surer of itself than what only looks like a number, and goes first.
    private static int Order(PersonalKind kind) =>
        kind switch
        {
            PersonalKind.Email => 0,
            PersonalKind.Url => 1,
            PersonalKind.Iban => 2,
            PersonalKind.Card => 3,
            PersonalKind.Crypto => 4,
            PersonalKind.Ip => 5,
            PersonalKind.Date => 6,
            PersonalKind.IranId or PersonalKind.IranLegalId => 7,
            PersonalKind.UsSsn => 8,
            PersonalKind.IranPostalCode => 9,
            PersonalKind.IranPlate => 10,
            PersonalKind.Phone => 11,
            PersonalKind.PersonName => 12,
            _ => 13,
        };
}
