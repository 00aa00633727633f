using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>Kinds of personal data.</summary>
public enum PersonalKind
{
    /// <summary>Mail addresses by their syntax, in letters of any script.</summary>
    Email,

    /// <summary>Phone numbers that the numbering plan of their country allows (libphonenumber).</summary>
    Phone,

    /// <summary>Payment cards with a right check digit.</summary>
    Card,

    /// <summary>International bank account numbers (ISO 13616) with right check digits.</summary>
    Iban,

    /// <summary>IPv4 and IPv6.</summary>
    Ip,

    /// <summary>Addresses with a scheme, and hosts without one under endings that words seldom have.</summary>
    Url,

    /// <summary>Addresses of Bitcoin with a right check sum.</summary>
    Crypto,

    /// <summary>Social security numbers of the United States.</summary>
    UsSsn,

    /// <summary>National numbers of Iran with a right check digit.</summary>
    IranId,

    /// <summary>Numbers of legal entities of Iran with a right check digit.</summary>
    IranLegalId,

    /// <summary>Postal codes of Iran behind the words that name them.</summary>
    IranPostalCode,

    /// <summary>Number plates of Iran.</summary>
    IranPlate,

    /// <summary>Names behind a title; a weak sign.</summary>
    PersonName,

    /// <summary>Days: 1984-03-21, 21.3.1984, March 21, 1984.</summary>
    Date,

    /// <summary>8 to 17 digits, which may be a bank account and may be anything.</summary>
    BankAccount,
}

/// <summary>The finders of personal data, one a kind.</summary>
internal static partial class PersonalFinders
{
    /// <param name="region">Country of phone numbers without a prefix, by its two letters.</param>
    public static IFinder Of(PersonalKind kind, string region = "ZZ") =>
        kind switch
        {
            PersonalKind.Email => new EmailFinder(),
            PersonalKind.Url => new PatternFinder("URL", Url(), t => t.Contains('.', StringComparison.Ordinal)),
            PersonalKind.PersonName => new NameFinder(),
            PersonalKind.Crypto => new PatternFinder("CRYPTO", Crypto(), Quick.HasDigit, IsBitcoin),
            _ => new PlainFinder(OfNumbers(kind, region)),
        };

    private static IFinder OfNumbers(PersonalKind kind, string region) =>
        kind switch
        {
            PersonalKind.Phone => new PhoneFinder(region),
            PersonalKind.Card => new PatternFinder("CARD", Card(), t => Quick.HasDigits(t, 12), CheckDigits.Luhn),
            PersonalKind.Iban => new IbanFinder(),
            PersonalKind.Ip => new AddressFinder(),
            PersonalKind.UsSsn => new PatternFinder("SSN", UsSsn(), t => Quick.HasDigits(t, 9), IsSsn),
            PersonalKind.IranId => new PatternFinder(
                "NATIONAL_ID",
                IranId(),
                t => Quick.HasDigits(t, 10),
                CheckDigits.IranianNationalNumber
            ),
            PersonalKind.IranLegalId => new PatternFinder(
                "LEGAL_ID",
                IranLegalId(),
                t => Quick.HasDigits(t, 11),
                CheckDigits.IranianLegalNumber
            ),
            PersonalKind.IranPostalCode => new PatternFinder("POSTAL_CODE", IranPostalCode(), t => Quick.HasDigits(t, 10)),
            PersonalKind.IranPlate => new PatternFinder("PLATE", IranPlate(), t => Quick.HasDigits(t, 7)),
            PersonalKind.Date => new PatternFinder("DATE", Date(), Quick.HasDigit),
            PersonalKind.BankAccount => new PatternFinder("ACCOUNT", Account(), t => Quick.HasDigits(t, 8)),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, message: null),
        };

    private static bool IsBitcoin(string address) =>
        address.StartsWith("bc1", StringComparison.Ordinal) ? CheckDigits.SegWit(address) : CheckDigits.Base58Check(address);

    /// <summary>
    /// No part of a number is all zeros, no area is 666 or above 899, numbers of one digit were never given, and both signs between parts
    /// are the same (Social Security Administration, "Social Security Number Randomization"). Three that were printed for show belong to
    /// nobody.
    /// </summary>
    private static bool IsSsn(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit));
        var signs = text.Where(c => !char.IsAsciiDigit(c)).Distinct().Count();
        return signs <= 1
            && digits.Distinct().Count() > 1
            && digits[..3] is not ("000" or "666")
            && digits[0] != '9'
            && digits[3..5] != "00"
            && digits[5..] != "0000"
            && digits is not ("078051120" or "219099999" or "123456789");
    }

    // Letters of scripts that set no space before a number (شماره۱۲۳, 电话123) don't make it a part of a word; those of Latin, Greek and
    // Cyrillic do.
    [GeneratedRegex(
        @"(?<![\w\--[\u0590-\uFFFF]])(?!1\d{12}(?!\d))(?:[1-6]\d{3}|9792|9919)[-\u2010-\u2015 ]?\d{3,4}[-\u2010-\u2015 ]?\d{3,4}[-\u2010-\u2015 ]?\d{3,5}(?![\w\--[\u0590-\uFFFF]])",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Card();

    // With a scheme any dotted host is one, and quotes around it go with it; without, only under endings that words seldom have.
    [GeneratedRegex(
        """
            (?<quote>["'])(?:https?|ftp)://(?:[\w-]+\.)+[a-z]{2,24}(?::\d{1,5})?(?:[/?#][^\s"'<>]*)?\k<quote>
            |(?:https?|ftp)://(?:[\w-]+\.)+[a-z]{2,24}(?::\d{1,5})?(?:[/?#][^\s"'<>]*[^\s"'<>.,;:!?)\]]|[/?#])?
            |(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|org|net|edu|gov|mil|int|info|biz|io|dev|app|ai|site|xyz|online|shop|store|co|[a-z]{2}(?<=\.(?:uk|us|de|fr|nl|it|es|pt|ch|at|be|dk|se|no|fi|pl|cz|ru|ua|tr|ir|ae|sa|il|in|cn|jp|kr|au|nz|ca|br|mx|ar|za|eu|me|tv|cc|ly|gg|so)))(?![\w-]|\.\w)(?:[/?#][^\s"'<>]*[^\s"'<>.,;:!?)\]]|[/?#])?
            """,
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Url();

    [GeneratedRegex(@"(?<!\w)(?:bc1|[13])[a-zA-HJ-NP-Z0-9]{25,59}(?!\w)", RegexOptions.CultureInvariant, PatternFinder.TimeoutMilliseconds)]
    private static partial Regex Crypto();

    [GeneratedRegex(
        @"(?<![\w\--[\u0590-\uFFFF]])(?:\d{5}-\d{4}|\d{3}-\d{6}|\d{3}[- .]\d{2}[- .]\d{4}|\d{9})(?![\w\--[\u0590-\uFFFF]])",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex UsSsn();

    [GeneratedRegex(
        @"(?<![\w\--[\u0590-\uFFFF]])(?:\d{10}|\d{3}-\d{6}-\d)(?![\w\--[\u0590-\uFFFF]])",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex IranId();

    [GeneratedRegex(
        @"(?<![\w\--[\u0590-\uFFFF]])\d{11}(?![\w\--[\u0590-\uFFFF]])",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex IranLegalId();

    // Ten digits may be anything, so the word has to stand before them. No code has a 0 or 2 among its first four digits, or a 0 or 5 as
    // its fifth, or begins with one digit four times (Iran Post, rules of the ten-digit code).
    [GeneratedRegex(
        @"(?<=(?:کد\s?پستی|کدپستی|پستی)[^0-9\n]{0,12})(?!(?<digit>\d)\k<digit>{3})[13-9]{4}[1-46-9][- ]?\d{5}(?!\d)",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex IranPostalCode();

    // 12 ب 345 ایران 67, in either order of the parts as people type them.
    [GeneratedRegex(
        @"(?<!\d)(?:\d{2}[ -]?(?:الف|[بپتثجدزژسشصطظعفقکگلمنوهی])[ -]?\d{3}[ -]*(?:ایران[ -]?)?\d{2}|ایران[ -]?\d{2}[ -]*\d{3}[ -]?(?:الف|[بپتثجدزژسشصطظعفقکگلمنوهی])[ -]?\d{2})(?!\d)",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex IranPlate();

    [GeneratedRegex(
        @"(?<![\w-[\u0590-\uFFFF]])\d{8,17}(?![\w-[\u0590-\uFFFF]])",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Account();

    // Gregorian and Jalali years; names of months in English, Persian and Arabic.
    [GeneratedRegex(
        """
            (?<![\w/.\--[\u0590-\uFFFF]])(?:
                (?:19|20|13|14)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:3[01]|[12]\d|0?[1-9])
                |(?:3[01]|[12]\d|0?[1-9])[-/.](?:3[01]|[12]\d|0?[1-9])[-/.](?:19|20|13|14)\d\d
                |(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?[ ](?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?[ ](?:19|20)\d\d
                |(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?[ ](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,?[ ](?:19|20)\d\d
                |(?:3[01]|[12]\d|0?[1-9])\u200C?(?:ام|م)?[ ]?
                    (?:فروردین|اردی\u200C?بهشت|خرداد|تیر|ا?مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند
                    |ژانویه|فوریه|مارس|مارچ|آوریل|مه|می|ژوئن|جون|ژوئیه|جولای|اوت|آگوست|سپتامبر|اکتبر|نوامبر|دسامبر
                    |ینایر|فبرایر|[أا]بریل|مایو|یونیو|یولیو|[أا]غسطس|سبتمبر|[أا]کتوبر|نوفمبر|دیسمبر)
                    (?:[ \u200C]?ماه)?[،,]?(?:[ ]سال)?[ ]?(?:19|20|13|14)\d\d
            )(?![\w/\--[\u0590-\uFFFF]])
            """,
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex Date();
}
