using System.Globalization;
using WebTrainer.Pipeline.Cleaning.Languages;

namespace WebTrainer.Pipeline.Cleaning.Steps;

/// <summary>
/// Sets aside rows in other languages than those wanted. The shorter a text, the less it shows, and the less is held against it
/// (<see cref="LanguageOdds"/>).
/// </summary>
public sealed record LanguageStep : CleanStep
{
    /// <summary>Languages that are told apart, as ISO 639-1 codes.</summary>
    public static IReadOnlyList<string> Known => TextLanguages.Known;

    /// <summary>ISO 639-1 codes of the languages that stay.</summary>
    public IReadOnlyList<string> Languages { get; init; } = ["en"];

    /// <summary>
    /// Languages that texts may be in beside those that stay; when empty, all that are known, of which those that the data clearly has need
    /// less evidence than others.
    /// </summary>
    public IReadOnlyList<string> Among { get; init; } = [];

    /// <summary>The part of a row that is judged; a row without it stays.</summary>
    public RowField Field { get; init; } = RowField.Prompt;

    /// <summary>Texts shorter than this are not judged: two words may be any language.</summary>
    public int LeastCharacters { get; init; } = 20;

    /// <summary>
    /// How sure it must be, from 0 to 1, that a text is in a wanted language, or in none of them, to judge it at all. 1 is surer than
    /// anything.
    /// </summary>
    public double LeastConfidence { get; init; } = 0.9;

    /// <summary>Sets rows aside too that are too short to judge, or of which it isn't sure enough; else they stay.</summary>
    public bool SetAsideUnsure { get; init; }

    /// <inheritdoc/>
    public override string? Fault()
    {
        if (Languages is null || Languages.Count == 0)
        {
            return "Choose at least one language.";
        }

        if (LeastConfidence is not (>= 0 and <= 1))
        {
            return "How sure it must be is a number from 0 to 1.";
        }

        if (LeastCharacters < 0)
        {
            return "The shortest text that is judged has 0 or more characters.";
        }

        if (Among is null)
        {
            return "The languages that texts may be in are a list, which may be empty.";
        }

        return Languages.Concat(Among).FirstOrDefault(l => !Known.Contains(l)) is { } other
            ? $"'{other}' is none of the languages that can be told apart: {string.Join(", ", Known)}."
            : null;
    }

    internal override StepWork Begin(CleanContext context) => new LanguageWork(this, context.Rows);

    private sealed class LanguageWork(LanguageStep step, long rows) : StepWork
    {
        private readonly LanguageCensus _census = new();
        private readonly long _every = Math.Max(1, rows / LanguageCensus.MostTexts);
        private IReadOnlyList<string> _present = [];
        private LanguageOdds _odds = LanguageOdds.For(step.Languages, [], step.Among);

        /// <summary>Once, for the languages that the data clearly has.</summary>
        public override int Looks => 1;

        public override string? Note =>
            _present.Count == 0
                ? null
                : $"Clearly in the data: {string.Join(", ", _present.Select(NameOf))}. "
                    + (
                        step.Among.Count == 0
                            ? $"All {Known.Count} languages are told apart; a text has to show more before it counts as one of the others."
                            : "Told apart are the languages that were chosen."
                    );

        public override void Observe(int index, CanonicalRow row, bool mustStay)
        {
            if (index % _every == 0 && RowTexts.Of(row, step.Field) is { Length: >= LanguageCensus.LeastCharacters / 3 } text)
            {
                _census.Add(text, TextLanguages.Likelihoods(text));
            }
        }

        public override void Decide(CancellationToken cancellationToken)
        {
            _present = _census.Present;
            _odds = LanguageOdds.For(step.Languages, _present, step.Among);
        }

        public override RowOutcome Apply(int index, CanonicalRow row) =>
            new(row, RowTexts.Of(row, step.Field) is { } text ? Judge(text) : null);

        private string? Judge(string text)
        {
            if (TextLanguages.Length(text) < step.LeastCharacters)
            {
                return step.SetAsideUnsure ? $"Its {text.Length:N0} characters are too few to tell its language." : null;
            }

            var likelihoods = TextLanguages.Likelihoods(text);
            if (likelihoods.Count == 0)
            {
                return step.SetAsideUnsure ? "Its language can't be told." : null;
            }

            if (_odds.Weigh(likelihoods) is not [var best, ..] told)
            {
                return "Its language is none of those that texts may be in.";
            }
            // Danish or Swedish, it isn't English: what counts is whether it is one of the wanted languages, whichever it is.
            var wanted = told.Where(t => step.Languages.Contains(t.Language)).Sum(t => t.Confidence);
            var stays = step.Languages.Contains(best.Language);
            if (IsSure(stays ? wanted : 1 - wanted))
            {
                return stays ? null : $"Its language is {best.Language}.";
            }

            return step.SetAsideUnsure
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"Its language may be {best.Language}, but that is only {best.Confidence:0.00} sure."
                )
                : null;
        }

        private bool IsSure(double confidence) => step.LeastConfidence < 1 && confidence >= step.LeastConfidence;

        private static string NameOf(string code) => CultureInfo.GetCultureInfo(code).EnglishName;
    }
}
