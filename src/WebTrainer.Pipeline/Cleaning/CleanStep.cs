using System.Text.Json.Serialization;
using WebTrainer.Pipeline.Cleaning.Steps;

namespace WebTrainer.Pipeline.Cleaning;

/// <summary>The settings of one step of a recipe.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "step")]
[JsonDerivedType(typeof(UnicodeStep), "unicode")]
[JsonDerivedType(typeof(WhitespaceStep), "whitespace")]
[JsonDerivedType(typeof(LengthStep), "length")]
[JsonDerivedType(typeof(TokenLimitStep), "tokens")]
[JsonDerivedType(typeof(PatternStep), "pattern")]
[JsonDerivedType(typeof(FieldStep), "field")]
[JsonDerivedType(typeof(RelabelStep), "relabel")]
[JsonDerivedType(typeof(TemplateStep), "template")]
[JsonDerivedType(typeof(WordListStep), "wordList")]
[JsonDerivedType(typeof(LanguageStep), "language")]
[JsonDerivedType(typeof(QualityStep), "quality")]
[JsonDerivedType(typeof(PersonalDataStep), "personalData")]
[JsonDerivedType(typeof(SecretsStep), "secrets")]
[JsonDerivedType(typeof(ExactDuplicatesStep), "exactDuplicates")]
[JsonDerivedType(typeof(NearDuplicatesStep), "nearDuplicates")]
[JsonDerivedType(typeof(SemanticDuplicatesStep), "semanticDuplicates")]
[JsonDerivedType(typeof(LeaksStep), "leaks")]
[JsonDerivedType(typeof(ReweighStep), "reweigh")]
[JsonDerivedType(typeof(BalanceStep), "balance")]
public abstract record CleanStep
{
    /// <summary>What is wrong with the settings, in a sentence; null when they can be.</summary>
    public virtual string? Fault() => null;

    /// <summary>Rows that a preview looks at, at most.</summary>
    internal virtual int PreviewRows => Cleaner.PreviewRows;

    internal abstract StepWork Begin(CleanContext context);
}

/// <summary>What a step may know beside the rows.</summary>
/// <param name="Rows">Rows of the version.</param>
internal sealed record CleanContext(long Rows, CleanSources Sources, ImportLimits Limits);
