using Microsoft.AspNetCore.Components;
using MudBlazor;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;
using WebTrainer.Portal.Features.Evaluations.Benchmarks;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Evaluations;

/// <summary>Asks what is to be judged, by which questions, and on which device.</summary>
public sealed partial class NewEvaluation
{
    /// <summary>Questions that are asked of a large benchmark unless somebody says otherwise: minutes on a CPU.</summary>
    private const int UsualQuestions = 200;

    private readonly HashSet<Guid> _runs = [];
    private readonly HashSet<Choice> _asked = [];
    private List<Choice> _choices = [];
    private Guid? _version;
    private int? _maxRows;
    private bool _packed,
        _performance,
        _contains,
        _bleu,
        _rouge,
        _stems,
        _ter,
        _embedding,
        _number;
    private double _tolerancePercent;
    private string _pattern = "",
        _schema = "",
        _device = DeviceName.Any;

    [Parameter, EditorRequired]
    public required Guid ProjectId { get; set; }

    [Parameter, EditorRequired]
    public required Caller Caller { get; set; }

    /// <summary>Runs that can be judged.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RunView> Ready { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<BenchmarkView> Benchmarks { get; set; }

    /// <summary>Data on whose test rows adapters can be judged that were brought in.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<PublishedDataset> Versions { get; set; }

    /// <summary>A run to choose at once.</summary>
    [Parameter]
    public Guid? First { get; set; }

    /// <summary>What the chosen that were trained here learned from.</summary>
    private List<Guid> Learned =>
        [.. Ready.Where(view => _runs.Contains(view.Run.Id)).Select(view => view.Run.DatasetVersionId).OfType<Guid>().Distinct()];

    /// <summary>The chosen have no data in common, so that the data must be named.</summary>
    private bool NeedsVersion => _runs.Count > 0 && Learned.Count != 1;

    /// <summary>The version that judges; null for the one that they learned from.</summary>
    private Guid? Judging => _version ?? (NeedsVersion && Versions is [var only] ? only.VersionId : null);

    private string WhoseRows =>
        Learned.Count switch
        {
            0 =>
                "What these adapters learned from isn't known here: choose the data on whose test rows they are judged. Where they have seen those rows, the figures flatter them.",
            1 =>
                "Usually runs are judged on the data that they learned from. Rows of another version judge too, where none of them was learned.",
            _ =>
                "These runs learned from different data: choose on whose test rows all of them are judged. None of them may have been learned.",
        };

    [Parameter]
    public bool Busy { get; set; }

    [Parameter]
    public EventCallback<EvaluationRequest> OnStart { get; set; }

    protected override void OnParametersSet()
    {
        if (First is { } run && Ready.Any(view => view.Run.Id == run) && _runs.Count == 0)
        {
            _runs.Add(run);
        }
        if (_choices.Count == 0)
        {
            _choices = [.. Own(), .. Benchmarks.SelectMany(Published)];
        }
    }

    private static IEnumerable<Choice> Own() =>
        [
            new(null, BenchmarkKind.Robustness, "Robustness", 0) { Most = UsualQuestions },
            new(null, BenchmarkKind.Leakage, "Leakage of training rows", 0) { Most = UsualQuestions },
            new(null, BenchmarkKind.Membership, "Membership of training rows", 0) { Most = UsualQuestions },
        ];

    private static IEnumerable<Choice> Published(BenchmarkView file)
    {
        yield return new(file.Id, file.Kind, file.Name, file.Questions) { Most = file.Questions > UsualQuestions ? UsualQuestions : null };
        if (file.Kind == BenchmarkKind.Refusal)
        {
            yield return new(file.Id, BenchmarkKind.RedTeam, file.Name + ", in disguise", file.Questions) { Most = 25 };
        }
    }

    private static void Choose<T>(HashSet<T> set, T item, bool on)
    {
        if (on)
        {
            set.Add(item);
        }
        else
        {
            set.Remove(item);
        }
    }

    private EvaluationRequest Request() =>
        new([.. _runs], _maxRows)
        {
            DatasetVersionId = Judging,
            Packed = _packed ? [WeightPrecision.EightBits, WeightPrecision.FourBits] : [],
            Performance = _performance,
            Device = _device,
            Scorers = Scorers(),
            Benchmarks =
            [
                .. _choices
                    .Where(_asked.Contains)
                    .Select(choice => new BenchmarkRequest(choice.Id, choice.Kind)
                    {
                        Shots = choice.Shots,
                        Prompting = choice.Prompting,
                        Form = choice.Form,
                        MaxQuestions = choice.Most,
                        Samples = choice.Samples,
                        Temperature = choice.Samples > 1 ? 0.8 : 0,
                    }),
            ],
        };

    private List<ScorerSpec> Scorers()
    {
        var all = new List<ScorerSpec>();
        if (_contains)
        {
            all.Add(new(ScorerKind.Contains));
        }
        if (_bleu)
        {
            all.Add(new(ScorerKind.Bleu));
        }
        if (_rouge)
        {
            all.AddRange([new(ScorerKind.Rouge1), new(ScorerKind.Rouge2)]);
        }
        if (_stems)
        {
            all.Add(new(ScorerKind.RougeStemmed));
        }
        if (_ter)
        {
            all.Add(new(ScorerKind.Ter));
        }
        if (_embedding)
        {
            all.Add(new(ScorerKind.Embedding));
        }
        if (_number)
        {
            all.Add(new(ScorerKind.Number, Tolerance: _tolerancePercent / 100));
        }
        if (!string.IsNullOrWhiteSpace(_pattern))
        {
            all.Add(new(ScorerKind.Pattern, _pattern));
        }
        if (!string.IsNullOrWhiteSpace(_schema))
        {
            all.Add(new(ScorerKind.JsonSchema, Schema: _schema));
        }
        return all;
    }

    /// <summary>A benchmark that can be asked, with how.</summary>
    private sealed class Choice(Guid? id, BenchmarkKind kind, string title, int questions)
    {
        public Guid? Id => id;
        public BenchmarkKind Kind => kind;
        public string Title => title;
        public int Questions => questions;
        public int? Most { get; set; }
        public int Shots { get; set; }
        public int Samples { get; set; } = 1;
        public Prompting Prompting { get; set; }
        public ChoiceForm Form { get; set; }
    }
}
