using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Finders;
using WebTrainer.Pipeline.Cleaning.Steps;

namespace WebTrainer.Portal.Features.Datasets.Cleaning;

/// <summary>How pages call the steps of a recipe, and say in a sentence what one does.</summary>
public static class StepWords
{
    /// <summary>A step of each kind with its usual settings, in the order in which they are usually taken.</summary>
    public static IReadOnlyList<CleanStep> Kinds { get; } =
    [
        new UnicodeStep(),
        new WhitespaceStep(),
        new PersonalDataStep(),
        new SecretsStep(),
        new PatternStep(),
        new RelabelStep(),
        new TemplateStep(),
        new WordListStep(),
        new FieldStep(),
        new LengthStep(),
        new TokenLimitStep(),
        new LanguageStep(),
        new QualityStep(),
        new ExactDuplicatesStep(),
        new NearDuplicatesStep(),
        new SemanticDuplicatesStep(),
        new LeaksStep(),
        new BalanceStep(),
        new ReweighStep(),
    ];

    /// <summary>What does most data good and little data harm.</summary>
    public static IReadOnlyList<CleanStep> Usual { get; } =
    [
        new UnicodeStep(),
        new WhitespaceStep(),
        new PersonalDataStep(),
        new SecretsStep(),
        new ExactDuplicatesStep(),
        new NearDuplicatesStep(),
    ];

    public static string Name(CleanStep step) =>
        step switch
        {
            UnicodeStep => "Unify letters",
            WhitespaceStep => "Tidy spaces and HTML",
            LengthStep => "Length",
            TokenLimitStep => "Token limits",
            PatternStep => "Pattern",
            FieldStep => "Rule on a field",
            RelabelStep => "Rename a label",
            LanguageStep => "Language",
            QualityStep => "Quality of text",
            PersonalDataStep => "Personal data",
            SecretsStep => "Keys and passwords",
            ExactDuplicatesStep => "Exact duplicates",
            NearDuplicatesStep => "Near duplicates",
            SemanticDuplicatesStep => "Same in other words",
            ReweighStep => "Reweigh groups",
            TemplateStep => "Template",
            WordListStep => "Word list",
            LeaksStep => "Leaks",
            BalanceStep => "Balance labels",
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
        };

    public static string Sentence(CleanStep step) =>
        step switch
        {
            UnicodeStep s => "Writes letters that look the same with the same code points"
                + (s.RemoveInvisible ? ", takes out invisible marks" : "")
                + (s.PersianLetters ? ", Arabic letters as Persian writes them" : "")
                + (s.Digits == DigitStyle.Keep ? "" : $", digits as {Name(s.Digits)}")
                + ".",
            WhitespaceStep s => (s.Html ? "Takes out HTML tags; makes" : "Makes") + " runs of spaces and empty lines one.",
            LengthStep s => $"Sets aside rows whose {Name(s.Field)} has fewer than {s.Min:N0} or more than {s.Max:N0} characters.",
            TokenLimitStep { Tokenizer.Length: 0 } => "Holds texts to a number of tokens.",
            TokenLimitStep s => (
                s.Min > 0
                    ? $"Sets aside rows whose {Name(s.Field)} has fewer than {s.Min:N0} tokens of {s.Tokenizer}; where it has"
                    : $"Where the {Name(s.Field)} has"
            ) + $" more than {s.Max:N0}{(s.Min > 0 ? "" : $" tokens of {s.Tokenizer}")}, {Does(s.TooLong)}.",
            PatternStep { Action: PatternAction.Replace } s =>
                $"Replaces what matches {Quoted(s.Pattern)} in the {Name(s.Field)} by {Quoted(s.Replacement)}.",
            PatternStep { Action: PatternAction.SetAsideMatching } s =>
                $"Sets aside rows whose {Name(s.Field)} matches {Quoted(s.Pattern)}.",
            PatternStep s => $"Sets aside rows whose {Name(s.Field)} does not match {Quoted(s.Pattern)}.",
            FieldStep s =>
                $"Sets aside rows whose {Name(s.Field)} {Name(s.Test)}{(s.Test is FieldTest.IsEmpty or FieldTest.IsNotEmpty ? "" : " " + Quoted(s.Value))}.",
            RelabelStep s => $"Gives rows of the label {Quoted(s.From)} the label {Quoted(s.To)}.",
            LanguageStep s =>
                $"Sets aside rows whose {Name(s.Field)} is not in {string.Join(", ", s.Languages.Select(LanguageNames.Of))}{(s.Among.Count == 0 ? "" : $", told apart from {string.Join(", ", s.Among.Select(LanguageNames.Of))} only")}{(s.SetAsideUnsure ? ", or is too short or unsure to tell" : "")}.",
            QualityStep s => $"Sets aside rows whose {Name(s.Field)} fails the rules of Gopher and C4 on {string.Join(", ", Rules(s))}.",
            PersonalDataStep s => $"{Name(s.Action)} {string.Join(", ", s.Kinds.Select(Name))}.",
            SecretsStep s => $"{Name(s.Action)} keys, tokens and passwords.",
            ExactDuplicatesStep s => $"Of rows{Of(s.Within)} with the same {Name(s.By)}, keeps the {Name(s.Keep)}.",
            NearDuplicatesStep s =>
                $"Of rows{Of(s.Within)} whose {Name(s.By)} shares {s.Threshold:P0} of its {(s.Sequences == NearBy.Letters ? "letter" : "word")} sequences, keeps the {Name(s.Keep)}.",
            SemanticDuplicatesStep s =>
                $"Of rows{Of(s.Within)} whose {Name(s.By)} says nearly the same{(s.Model.Length > 0 ? $" to {s.Model}" : "")} (likeness {s.Threshold:0.00} and more), keeps the {Name(s.Keep)}.",
            ReweighStep s => s.Column.Length == 0
                ? "Makes labels independent of groups."
                : $"Sets aside training rows until labels are independent of {Quoted(s.Column)}.",
            TemplateStep s => $"Writes the prompt as {Quoted(s.Prompt)} and the response as {Quoted(s.Response)}.",
            WordListStep s => (s.Action == WordListAction.Mask ? "Writes asterisks for" : "Sets aside rows with")
                + $" {s.Words.Count:N0} words of a list.",
            LeaksStep s =>
                $"{(s.Action == LeakAction.CutOut ? "Cuts out what texts share," : "Sets aside rows that share")} {s.Words} words in a row with "
                    + string.Join(
                        " or ",
                        new[]
                        {
                            s.BetweenSplits ? "the split that judges them" : null,
                            s.EvaluationSets.Count > 0 ? $"{s.EvaluationSets.Count} evaluation sets" : null,
                        }.OfType<string>()
                    )
                    + ".",
            BalanceStep s => $"Keeps at most {s.MaxOfLabel:N0} training rows of each label.",
            _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
        };

    public static string Name(RowField field) =>
        field switch
        {
            RowField.AllText => "text",
            RowField.Prompt => "prompt",
            RowField.Response => "response",
            RowField.System => "system message",
            RowField.Label => "label",
            _ => throw new ArgumentOutOfRangeException(nameof(field), field, null),
        };

    public static string Name(DigitStyle digits) =>
        digits switch
        {
            DigitStyle.Keep => "they are",
            DigitStyle.Latin => "0123456789",
            DigitStyle.Persian => "۰۱۲۳۴۵۶۷۸۹",
            _ => throw new ArgumentOutOfRangeException(nameof(digits), digits, null),
        };

    public static string Does(TooManyTokens action) =>
        action switch
        {
            TooManyTokens.SetAside => "sets the row aside",
            TooManyTokens.KeepBeginning => "cuts its end off",
            TooManyTokens.KeepEnd => "cuts its beginning off",
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
        };

    public static string Name(PatternAction action) =>
        action switch
        {
            PatternAction.Replace => "replace what matches",
            PatternAction.SetAsideMatching => "set aside rows that match",
            PatternAction.SetAsideOthers => "set aside rows that don't match",
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
        };

    public static string Name(FieldTest test) =>
        test switch
        {
            FieldTest.IsEmpty => "is empty",
            FieldTest.IsNotEmpty => "is not empty",
            FieldTest.Is => "is",
            FieldTest.IsNot => "is not",
            FieldTest.Contains => "contains",
            _ => throw new ArgumentOutOfRangeException(nameof(test), test, null),
        };

    public static string Name(MaskAction action) =>
        action switch
        {
            MaskAction.Mask => "Masks",
            MaskAction.Replace => "Replaces by names of their own",
            MaskAction.SetAside => "Sets aside rows with",
            _ => throw new ArgumentOutOfRangeException(nameof(action), action, null),
        };

    public static string Name(PersonalKind kind) =>
        kind switch
        {
            PersonalKind.Email => "e-mail addresses",
            PersonalKind.Phone => "phone numbers",
            PersonalKind.Card => "payment cards",
            PersonalKind.Iban => "IBANs",
            PersonalKind.Ip => "IP addresses",
            PersonalKind.Url => "web addresses",
            PersonalKind.Crypto => "Bitcoin addresses",
            PersonalKind.UsSsn => "social security numbers (US)",
            PersonalKind.IranId => "national numbers (Iran)",
            PersonalKind.IranLegalId => "numbers of legal entities (Iran)",
            PersonalKind.IranPostalCode => "postal codes (Iran)",
            PersonalKind.IranPlate => "number plates (Iran)",
            PersonalKind.PersonName => "names behind a title (a weak sign)",
            PersonalKind.Date => "dates",
            PersonalKind.BankAccount => "other long numbers",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };

    public static string Name(DuplicateBy by) =>
        by switch
        {
            DuplicateBy.Prompt => "prompt",
            DuplicateBy.PromptAndResponse => "prompt and response",
            _ => throw new ArgumentOutOfRangeException(nameof(by), by, null),
        };

    public static string Name(DuplicateWithin within) =>
        within switch
        {
            DuplicateWithin.Label => "rows of one label; others stay",
            DuplicateWithin.Answer => "rows with one label and answer; others stay",
            DuplicateWithin.Everything => "all rows, whatever their labels and answers",
            _ => throw new ArgumentOutOfRangeException(nameof(within), within, null),
        };

    private static string Of(DuplicateWithin within) =>
        within switch
        {
            DuplicateWithin.Label => " of one label",
            DuplicateWithin.Answer => " of one label and answer",
            _ => "",
        };

    public static string Name(WordListAction action) => action == WordListAction.Mask ? "write asterisks instead" : "set the row aside";

    public static string Name(LeakAction action) =>
        action == LeakAction.CutOut ? "cut it and what stands around it out of the text" : "set the row aside";

    public static string Name(NearBy sequences) =>
        sequences == NearBy.Letters ? "five letters: short texts, typing errors" : "three words: longer texts";

    public static string Name(DuplicateKeep keep) =>
        keep switch
        {
            DuplicateKeep.First => "first",
            DuplicateKeep.Last => "last",
            DuplicateKeep.Longest => "one with the longest response",
            DuplicateKeep.BestRated => "one rated best",
            _ => throw new ArgumentOutOfRangeException(nameof(keep), keep, null),
        };

    private static IEnumerable<string> Rules(QualityStep step)
    {
        if (step.Repetition)
        {
            yield return "repetition";
        }

        if (step.Symbols)
        {
            yield return "symbols";
        }

        if (step.Boilerplate)
        {
            yield return "boilerplate";
        }

        if (step.WholePages)
        {
            yield return "whole pages";
        }
    }

    private static string Quoted(string text) => $"“{text}”";
}
