using System.Text.Json;
using System.Text.Json.Nodes;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Jobs;
using WebTrainer.Learning.Serving;
using WebTrainer.Protocol;
using WebTrainer.Tokenizing;

namespace WebTrainer.Learning.Tests;

/// <summary>What is served is held against what was trained: the same passes, and each planted fault is named.</summary>
[Trait("Category", "Slow")]
public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TrainSpec _trained;
    private readonly string _adapter;

    public ReplayTests()
    {
        var spec = TinyModel.Spec(_folder);
        _trained = spec with
        {
            Method = spec.Method with { Dropout = 0, Rank = 8, Alpha = 16 },
            Training = spec.Training with { Epochs = 12, LearningRate = 0.02, CheckpointEverySteps = 0, Samples = 0 },
        };
        _adapter = Train("run", _trained);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Served_AsItWasTrained_IsTheSame()
    {
        var report = Report(_trained.BaseModel, _adapter);
        Assert.True(report.Passed, report.First?.ToString());
        Assert.Equal((null, 0), (report.First, report.ChangedAnswers));
        Assert.InRange(report.LargestGap, 0, 1e-5);
        Assert.Equal(8, report.Prompts);
    }

    [Fact]
    public void Served_ByARightMerge_DiffersByItsRoundingAlone()
    {
        var report = Report(_trained.BaseModel, Merge("merged", _adapter));
        Assert.Equal(0, report.ChangedAnswers);
        Assert.True(report.First is null or { Part: ReplayPart.LogProbability }, report.First?.ToString());
        Assert.InRange(report.LargestGap, 0, 0.15); // merged weights are written in bfloat16; processors give 0.03 to 0.06
    }

    [Fact]
    public void Served_ByAnotherTemplate_IsFoundInTheText()
    {
        var other = Copy("other-template");
        File.WriteAllText(
            Path.Combine(other, "chat_template.jinja"),
            "{% for message in messages %}[{{ message.role }}] {{ message.content }}\n{% endfor %}[assistant] "
        );
        var report = Report(other, _adapter);
        Assert.Equal((false, ReplayPart.Rendered), (report.Passed, report.First!.Part));
        Assert.Contains("[user]", report.First.Served, StringComparison.Ordinal);
        Assert.DoesNotContain("[user]", report.First.Trained, StringComparison.Ordinal);
    }

    [Fact]
    public void Served_WithoutTheTokenThatEndsAnswers_IsFoundInTheAnswer()
    {
        var other = Copy("no-end");
        var file = Path.Combine(other, "tokenizer_config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config["eos_token"] = "<|pad|>";
        config["chat_template"] = config["chat_template"]!.GetValue<string>().Replace("<|end|>", "", StringComparison.Ordinal);
        File.WriteAllText(file, config.ToJsonString());
        var report = Report(other, _adapter);
        Assert.Equal((false, ReplayPart.Answer), (report.Passed, report.First!.Part));
        Assert.True(report.First.Served.Length > report.First.Trained.Length);
    }

    [Fact]
    public void Served_AtAnotherScale_IsFoundThoughTheFileSaysSo()
    {
        var adapter = Copy("other-scale", _adapter);
        var file = Path.Combine(adapter, "adapter_config.json");
        var description = JsonNode.Parse(File.ReadAllText(file))!;
        description["lora_alpha"] = 32;
        File.WriteAllText(file, description.ToJsonString());
        // both sides are given the changed folder: the scale is that of the settings which were approved
        var report = ReplayReport.Of(
            Trained(adapter),
            Served(_trained.BaseModel, adapter, _trained.Template),
            WeightPrecision.Full,
            "test"
        );
        Assert.False(report.Passed);
        Assert.True(report.First!.Part is ReplayPart.Answer or ReplayPart.LogProbability);
    }

    [Fact]
    public void Served_ByAMergeOfAnEarlierState_IsFound()
    {
        var earlier = Train("earlier", _trained with { Training = _trained.Training with { Epochs = 1 } });
        var report = Report(_trained.BaseModel, Merge("stale", earlier));
        Assert.False(report.Passed);
        Assert.True(report.First!.Part is ReplayPart.Answer or ReplayPart.LogProbability);
    }

    [Fact]
    public void Served_ByAnotherTokenizer_IsFoundInTheTokens()
    {
        var other = Copy("other-tokenizer");
        var file = Path.Combine(other, "tokenizer.json");
        var tokenizer = JsonNode.Parse(File.ReadAllText(file))!;
        var vocabulary = tokenizer["model"]!["vocab"]!.AsObject();
        var (one, two) = (vocabulary["e"]!.GetValue<int>(), vocabulary["o"]!.GetValue<int>());
        (vocabulary["e"], vocabulary["o"]) = (two, one);
        File.WriteAllText(file, tokenizer.ToJsonString());
        var report = Report(other, _adapter);
        Assert.Equal((false, ReplayPart.Tokens), (report.Passed, report.First!.Part));
    }

    [Fact]
    public void Served_InFewerBits_PassesWithItsDistanceTold()
    {
        var trained = Trained(_adapter, WeightPrecision.FourBits);
        var served = Served(_trained.BaseModel, _adapter, _trained.Template, WeightPrecision.FourBits);
        var report = ReplayReport.Of(trained, served, WeightPrecision.FourBits, "test");
        Assert.True(report.Passed);
        Assert.True(report.PackedDivergence > 0, $"{report.PackedDivergence}");
    }

    private ReplayReport Report(string servedBase, string servedResult) =>
        ReplayReport.Of(Trained(_adapter), Served(servedBase, servedResult, _trained.Template), WeightPrecision.Full, "test");

    private static List<ReplayPrompt> Prompts() =>
        [.. TinyModel.Rows(8).Select(row => new ReplayPrompt(row.Id, [.. row.Messages.SkipLast(1)]))];

    private ReplayTraces Trained(string adapter, WeightPrecision served = WeightPrecision.Full)
    {
        var folder = new RunFolder(_folder.File($"replay-{Guid.NewGuid():N}"));
        Directory.CreateDirectory(folder.Root);
        var spec = new ReplaySpec
        {
            BaseModel = _trained.BaseModel,
            Threads = 1,
            Template = _trained.Template,
            Result = adapter,
            Method = _trained.Method,
            Served = served,
            Prompts = Prompts(),
            MaxNewTokens = 16,
        };
        using var events = new EventWriter(folder.Events);
        Assert.Equal(WorkerState.Completed, new ReplayJob(TestJobs.Context(folder, spec, events)).Run(CancellationToken.None));
        return JsonSerializer.Deserialize<ReplayTraces>(File.ReadAllText(folder.Replay), ProtocolJson.Document)!;
    }

    /// <summary>By the loop that a serving worker runs.</summary>
    private static List<AnswerTrace> Served(
        string baseModel,
        string result,
        PromptTemplate template,
        WeightPrecision precision = WeightPrecision.Full
    )
    {
        var device = JobDevice.Prepare(
            new ServeSpec
            {
                BaseModel = baseModel,
                Socket = "",
                Threads = 1,
            }
        );
        var models = new ModelSet(baseModel, [new("served", result)], precision, device, CancellationToken.None);
        var loop = new ServeLoop(models, ConversationEncoder.Of(baseModel, template, models.ContextTokens));
        var (traces, open) = (new List<TraceBuilder>(), Prompts().Count);
        using var ended = new CancellationTokenSource();
        foreach (var prompt in Prompts())
        {
            var trace = new TraceBuilder(prompt.Id);
            traces.Add(trace);
            loop.Enqueue(
                new PendingRequest(
                    new GenerateRequest(prompt.Id, "served", prompt.Messages)
                    {
                        MaxNewTokens = 16,
                        LogProbabilities = 0,
                        Trace = true,
                    },
                    chunk =>
                    {
                        trace.Add(chunk);
                        if (chunk.FinishReason is not null && --open == 0)
                        {
                            ended.Cancel();
                        }
                    }
                )
            );
        }

        loop.Run(TimeSpan.FromMinutes(1), ended.Token);
        Assert.All(traces, trace => Assert.Null(trace.Error));
        return [.. traces.Select(trace => trace.Build())];
    }

    private string Train(string name, TrainSpec spec)
    {
        var folder = new RunFolder(_folder.File(name));
        Directory.CreateDirectory(folder.Root);
        using var events = new EventWriter(folder.Events);
        Assert.Equal(WorkerState.Completed, new TrainJob(TestJobs.Context(folder, spec, events)).Run(CancellationToken.None));
        return folder.Adapter;
    }

    private string Merge(string name, string adapter)
    {
        var folder = new RunFolder(_folder.File(name));
        Directory.CreateDirectory(folder.Root);
        using var events = new EventWriter(folder.Events);
        var spec = _trained.Exporting(adapter);
        Assert.Equal(WorkerState.Completed, new ExportJob(TestJobs.Context(folder, spec, events)).Run(CancellationToken.None));
        return folder.Merged;
    }

    private string Copy(string name, string? of = null)
    {
        var folder = _folder.File(name);
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(of ?? _trained.BaseModel))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }
}
