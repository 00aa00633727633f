using System.Text.Json;
using System.Text.Json.Nodes;
using TorchSharp;
using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Evaluation;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Jobs;

/// <summary>
/// Answers prompts with the model as the training left it, one by one and with the likeliest token, and tells each step: what the served
/// path is held against.
/// </summary>
public sealed class ReplayJob(JobContext<ReplaySpec> context) : IJob
{
    private const string Name = "trained";

    // The same weights and the same sums: only the order of batches may differ.
    private const double TightTolerance = 1e-3,
        Bfloat16Tolerance = 5e-2;
    private readonly ReplaySpec _spec = context.Spec;

    /// <summary>Writes <see cref="ReplayTraces"/> to <see cref="RunFolder.Replay"/>.</summary>
    /// <returns>Completed.</returns>
    /// <exception cref="ModelFileException">The base or the result can't be used, or is not the one that was approved.</exception>
    public WorkerState Run(CancellationToken cancellationToken)
    {
        context.Events.Write(new StateEvent(WorkerState.Running));
        ModelHash.Check(_spec.BaseModel, _spec.BaseModelSha256, "the base model");
        var device = JobDevice.Prepare(_spec);
        var traces = ModelTypes.IsEncoder(ModelConfig.Read(_spec.BaseModel).Type)
            ? Classify(device, cancellationToken)
            : Write(device, cancellationToken);
        Directory.CreateDirectory(context.Folder.Output);
        AtomicFile.WriteAllText(context.Folder.Replay, JsonSerializer.Serialize(traces, ProtocolJson.Document));
        return WorkerState.Completed;
    }

    private ReplayTraces Write(Device device, CancellationToken cancellationToken)
    {
        var models = Load(WeightPrecision.Full, device, cancellationToken);
        var packed = _spec.Served == WeightPrecision.Full ? null : Load(_spec.Served, device, cancellationToken);
        var encoder = ConversationEncoder.Of(_spec.BaseModel, _spec.Template, models.ContextTokens, models.Config.IsEncoderDecoder);
        var (model, other) = (Use(models), packed is null ? null : Use(packed));
        var (traces, divergence, tokens) = (new List<AnswerTrace>(), 0.0, 0);
        using var _ = inference_mode();
        foreach (var prompt in _spec.Prompts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var ids = encoder.EncodePrompt(prompt.Messages);
            var (answer, steps) = Answer(model, encoder, ids);
            traces.Add(
                new AnswerTrace(
                    prompt.Id,
                    encoder.Tokenizer.DecodeWhole(ids),
                    ids,
                    answer,
                    [.. answer.Zip(steps, (token, step) => (double)step[token])]
                )
                {
                    Text = encoder.Tokenizer.Decode(answer),
                }
            );
            if (other is not null)
            {
                divergence += Divergence(other, ids, answer, steps);
                tokens += steps.Count;
            }

            context.Events.Write(new ProgressEvent("Replay", traces.Count, _spec.Prompts.Count, null));
        }

        return new ReplayTraces
        {
            Traces = traces,
            Tolerance = ComputeType.For(device) == ScalarType.BFloat16 ? Bfloat16Tolerance : TightTolerance,
            PackedDivergence = other is null ? null : divergence / Math.Max(1, tokens),
        };
    }

    /// <returns>The likeliest tokens, and at each place the log-probabilities of all: one more where an end was chosen.</returns>
    private (List<int> Answer, List<float[]> Steps) Answer(ILanguageModel model, ConversationEncoder encoder, IReadOnlyList<int> prompt)
    {
        var (answer, steps) = (new List<int>(), new List<float[]>());
        var room = Math.Min(_spec.MaxNewTokens, model.Config.AnswerRoom(prompt.Count));
        var (batch, logits) = DecodingBatch.Start(model, [prompt]);
        using var ended = batch;
        while (answer.Count < room)
        {
            var scores = LogProbabilities(logits);
            logits.Dispose();
            steps.Add(scores);
            var token = Sampler.Highest(scores);
            if (encoder.EndIds.Contains(token))
            {
                return (answer, steps);
            }

            answer.Add(token);
            logits = batch.Step([token]);
        }

        logits.Dispose();
        return (answer, steps);
    }

    /// <summary>Σ KL(full ‖ packed) over the places of an answer: Σ p (log p − log q).</summary>
    private static double Divergence(ILanguageModel packed, IReadOnlyList<int> prompt, List<int> answer, List<float[]> steps)
    {
        var sum = 0.0;
        var (batch, logits) = DecodingBatch.Start(packed, [prompt]);
        using var ended = batch;
        for (var place = 0; place < steps.Count; place++)
        {
            var (p, q) = (steps[place], LogProbabilities(logits));
            for (var token = 0; token < p.Length; token++)
            {
                sum += Math.Exp(p[token]) * ((double)p[token] - q[token]);
            }

            logits.Dispose();
            if (place < answer.Count)
            {
                logits = batch.Step([answer[place]]);
            }
        }

        return sum;
    }

    private static float[] LogProbabilities(Tensor logits)
    {
        using var scope = NewDisposeScope();
        return logits[0].to(ScalarType.Float64).log_softmax(0).to(ScalarType.Float32).cpu().data<float>().ToArray();
    }

    private ReplayTraces Classify(Device device, CancellationToken cancellationToken)
    {
        var result = _spec.Result ?? throw new ModelFileException("An encoder that was not tuned has no labels to say.");
        var loaded = new ClassifierSet(
            _spec.BaseModel,
            [new(Name, Described(result))],
            WeightPrecision.Full,
            device,
            cancellationToken
        ).Use(Name)!;
        List<TokenRow> rows =
        [
            .. _spec.Prompts.Select(prompt => loaded.Encoder.Encode(prompt.Id, loaded.Encoder.Input.TextOf(prompt.Messages))),
        ];
        var scores = rows.Select(row => ClassifierScores.Of(loaded.Model, [row], loaded.PaddingId, progress: null, cancellationToken)[0]);
        return new ReplayTraces
        {
            Traces =
            [
                .. rows.Zip(
                    scores,
                    (row, own) =>
                    {
                        var answer = ClassifierAnswer.Of(loaded.Classifier, loaded.Encoder.Labels, own);
                        return new AnswerTrace(
                            row.Id,
                            loaded.Encoder.Tokenizer.DecodeWhole(row.Tokens),
                            row.Tokens,
                            [],
                            [.. answer.Probabilities.Select(probability => (double)(float)probability)]
                        )
                        {
                            Text = answer.Text,
                        };
                    }
                ),
            ],
            Tolerance = ComputeType.For(device) == ScalarType.BFloat16 ? Bfloat16Tolerance : TightTolerance,
        };
    }

    private ModelSet Load(WeightPrecision precision, Device device, CancellationToken cancellationToken) =>
        new(
            _spec.BaseModel,
            _spec.Result is { } result ? [new NamedAdapter(Name, Described(result))] : [],
            precision,
            device,
            cancellationToken
        );

    private ILanguageModel Use(ModelSet models) => models.Use(_spec.Result is null ? ModelSet.BaseName : Name)!;

    /// <summary>
    /// The adapter's weights beside a description made of what the run was told, so that a description that was changed since shows itself.
    /// </summary>
    private string Described(string result)
    {
        if (
            _spec.Method is not { } method
            || !PeftFolder.IsAdapter(result)
            || method.Method is TuningMethod.AdaLoRA or TuningMethod.Full or TuningMethod.Head
        )
        {
            return result;
        }

        var folder = Path.Combine(context.Folder.Root, "trained");
        if (Directory.Exists(folder))
        {
            return folder; // made for the full weights, asked again for the packed ones
        }

        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(result).Where(file => Path.GetFileName(file) != PeftFiles.Config))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        }

        var description = JsonNode.Parse(File.ReadAllText(Path.Combine(result, PeftFiles.Config)))!.AsObject();
        var told = method.AsSaved();
        description["r"] = told.Rank;
        description["lora_alpha"] = told.Alpha;
        description["use_rslora"] = told.RankStabilised;
        File.WriteAllText(Path.Combine(folder, PeftFiles.Config), description.ToJsonString());
        return folder;
    }
}
