using System.Text.Json.Nodes;
using WebTrainer.Domain.Notices;

namespace WebTrainer.Portal.Features.Notices;

/// <summary>Something that somebody is told of.</summary>
/// <param name="Subject">A line that says what to do, or what became of something.</param>
/// <param name="Text">What happened and what to do, in sentences.</param>
/// <param name="Path">Of the page where it is done.</param>
/// <param name="People">User ids of those whom it concerns.</param>
public sealed record Notice(Guid ProjectId, NoticeTopic Topic, string Subject, string Text, string Path, IReadOnlyCollection<string> People)
{
    /// <summary>What programs are told beside; nothing where there is nothing.</summary>
    public JsonObject? Details { get; init; }
}
