using WebTrainer.Domain.Labels;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>An answer as a file has it.</summary>
/// <param name="Kind">What kind of question it answers, as far as its form tells.</param>
/// <param name="Value">In the form in which answers are stored.</param>
public sealed record ImportedAnswer(QuestionKind Kind, string Value);

/// <summary>What one person answered to one item, by the names that the file has for its questions.</summary>
public sealed record ImportedSheet(string Person, IReadOnlyDictionary<string, ImportedAnswer> Answers);

/// <summary>A response that the item compares with others.</summary>
public sealed record ImportedCandidate(string Model, string Text);

/// <summary>An item of a file with answers.</summary>
/// <param name="Where">Where it stands in the file, for sentences.</param>
public sealed record ImportedItem(
    string Where,
    string Text,
    string? Response,
    string? System,
    IReadOnlyList<ChatMessage> Messages,
    IReadOnlyList<ImportedCandidate> Candidates,
    IReadOnlyList<ImportedSheet> Sheets
);

/// <summary>A file with answers.</summary>
/// <param name="Questions">As the file says them, which those do that this program wrote; null where they must be told by the
/// answers.</param>
public sealed record ImportedFile(IReadOnlyList<Question>? Questions, IReadOnlyList<ImportedItem> Items, ExchangeNotes Notes);
