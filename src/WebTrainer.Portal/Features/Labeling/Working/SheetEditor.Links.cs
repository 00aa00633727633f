using System.Text.Json;
using WebTrainer.Domain.Labels;

namespace WebTrainer.Portal.Features.Labeling;

/// <content>Links between marks: two marks are picked, then the label that leads from the first to the second.</content>
public sealed partial class SheetEditor
{
    private IReadOnlyList<SpanMark> AllMarks => QuestionForm.Marks(Questions, Values);

    private List<SpanLink> Links(Question question) =>
        Value(question) is { } value ? JsonSerializer.Deserialize<List<SpanLink>>(value, JsonSerializerOptions.Web)! : [];

    /// <summary>Picks a mark, or takes the pick back.</summary>
    private Task EndAsync(Question question, int place)
    {
        if (_active != question.Key)
        {
            (_active, _ends) = (question.Key, []);
        }

        if (place >= 0 && place < AllMarks.Count)
        {
            _ends = _ends.Contains(place) ? [.. _ends.Where(end => end != place)] : [.. _ends.Take(1), place];
        }

        StateHasChanged();
        return Task.CompletedTask;
    }

    private Task LinkAsync(Question question, string label)
    {
        var marks = AllMarks;
        if (_active != question.Key || _ends is not [var from, var to] || Math.Max(from, to) >= marks.Count)
        {
            return Task.CompletedTask;
        }

        _ends = [];
        return SetLinksAsync(question, Links(question).Append(new SpanLink(marks[from], marks[to], label)).Distinct());
    }

    private Task UnlinkAsync(Question question, SpanLink link) => SetLinksAsync(question, Links(question).Where(l => l != link));

    private Task SetLinksAsync(Question question, IEnumerable<SpanLink> links) =>
        SetAsync(question, JsonSerializer.Serialize(links, JsonSerializerOptions.Web));
}
