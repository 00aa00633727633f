using WebTrainer.Domain.Labels;
using WebTrainer.Portal.Components.Shared;

namespace WebTrainer.Portal.Features.Labeling;

/// <summary>Asks what people are asked, about which rows, and who they are.</summary>
public sealed partial class NewTask
{
    private readonly HashSet<string> _assignees = [];
    private TaskForm? _form;
    private List<Question> _questions = [.. TaskTemplate.All[0].Questions];
    private IReadOnlyList<string> _labels = [];
    private ItemContent? _preview;
    private Dictionary<string, string> _try = [];
    private TaskRules _rules = new();
    private Guid _versionId;
    private string _name = "";
    private string _guidelines = TaskTemplate.All[0].Guidelines;
    private string _contains = "";
    private string? _problem;
    private int? _limit = 100;
    private int _gold;
    private bool _atRandom = true;
    private bool _onlyUnanswered;
    private int _round;

    /// <summary>All that can be set in the form.</summary>
    public sealed record Fields(
        Guid VersionId,
        string Name,
        IReadOnlyList<Question> Questions,
        string Guidelines,
        TaskRules Rules,
        IReadOnlyList<string> Assignees,
        string Contains,
        int? Limit,
        int Gold,
        bool AtRandom,
        bool OnlyUnanswered
    );

    protected override Fields? Draft =>
        _form is null
            ? null
            : new(
                _versionId,
                _name,
                [.. _questions],
                _guidelines,
                _rules,
                [.. _assignees.Order(StringComparer.Ordinal)],
                _contains,
                _limit,
                _gold,
                _atRandom,
                _onlyUnanswered
            );

    private bool JudgesResponses => _questions.Exists(q => q.Kind is QuestionKind.Rate or QuestionKind.Rewrite);

    private RowChoice Rows =>
        new(
            _limit,
            _atRandom,
            _onlyUnanswered && !JudgesResponses,
            Contains: _contains.Length > 0 ? _contains : null,
            OnlyAnswered: _questions.Exists(q => q.Kind == QuestionKind.Rate)
        );

    protected override async Task LoadAsync()
    {
        if (_form is not null)
        {
            return;
        }
        var form = await Labeling.FormAsync(Caller, ProjectId, Left);
        if (await RestoreAsync() is { } fields && form.Versions.Any(v => v.Id == fields.VersionId))
        {
            await UseAsync(fields, form);
        }
        else if (form.Versions.Count > 0)
        {
            await UseVersionAsync(form.Versions[0].Id);
        }
        _form = form;
    }

    // People who have left the project since are left out.
    private async Task UseAsync(Fields fields, TaskForm form)
    {
        (_name, _guidelines, _rules, _contains, _limit, _gold, _atRandom, _onlyUnanswered) = (
            fields.Name,
            fields.Guidelines,
            fields.Rules,
            fields.Contains,
            fields.Limit,
            fields.Gold,
            fields.AtRandom,
            fields.OnlyUnanswered
        );
        _questions = [.. fields.Questions];
        _assignees.UnionWith(fields.Assignees.Intersect(form.People.Select(p => p.UserId)));
        await UseVersionAsync(fields.VersionId);
    }

    private Task VersionChangedAsync(Guid versionId) => ActAsync(() => UseVersionAsync(versionId));

    private async Task UseVersionAsync(Guid versionId)
    {
        _versionId = versionId;
        var before = _labels;
        _labels = await Labeling.LabelsAsync(Caller, ProjectId, versionId, Left);
        if (_questions is [{ Kind: QuestionKind.Choose } first, ..] && (first.Options.Count == 0 || first.Options.SequenceEqual(before)))
        {
            _questions[0] = first with { Options = [.. _labels.Take(Question.MaxOptions)] };
        }
        _preview = await Labeling.PreviewAsync(Caller, ProjectId, versionId, Rows, _questions, Left);
        Check();
    }

    private async Task UseAsync(TaskTemplate template)
    {
        _questions = [.. template.Questions];
        _guidelines = template.Guidelines;
        if (_name.Length == 0)
        {
            _name = template.Name;
        }
        await ActAsync(() => UseVersionAsync(_versionId));
    }

    private void Change(int place, Question question)
    {
        _questions[place] = question;
        Check();
    }

    private void Add()
    {
        _questions.Add(Question.New(QuestionKind.YesNo, $"question_{_questions.Count + 1}", ""));
        Check();
    }

    private void Remove(int place)
    {
        _questions.RemoveAt(place);
        Check();
    }

    private void Move(int place, int by)
    {
        (_questions[place], _questions[place + by]) = (_questions[place + by], _questions[place]);
        Check();
    }

    /// <summary>The preview shows the questions as they are, or why they can't be asked so.</summary>
    private void Check()
    {
        _try = [];
        _round++;
        try
        {
            QuestionForm.Check(_questions);
            _problem = null;
        }
        catch (WebTrainer.Domain.RuleViolationException ex)
        {
            _problem = ex.Message;
        }
    }

    private void FitOverlap()
    {
        var overlap = Math.Clamp(_assignees.Count, 1, 3);
        _rules = _rules with { Overlap = overlap, MaxOverlap = Math.Max(overlap, _rules.MaxOverlap) };
    }

    private string VersionWords(Guid id) =>
        _form?.Versions.FirstOrDefault(v => v.Id == id) is { } v
            ? $"{v.DatasetName}, version {v.Number} ({Format.Count(v.Rows)} rows)"
            : "";

    private Task CreateAsync() =>
        OnceAsync(
            () =>
                Labeling.CreateAsync(
                    Caller,
                    ProjectId,
                    new NewTaskDraft
                    {
                        VersionId = _versionId,
                        Name = _name,
                        Questions = _questions,
                        Guidelines = _guidelines,
                        Rules = _rules,
                        Assignees = [.. _assignees],
                        Rows = Rows,
                        GoldItems = _gold,
                    },
                    Left
                ),
            async id =>
            {
                await TakenAsync();
                await GoTo(Link($"labels/{id}"));
            }
        );
}
