namespace WebTrainer.Protocol;

/// <summary>Names of the files in a run folder: the whole contract between portal and worker.</summary>
/// <param name="Root">Absolute path of the folder.</param>
public sealed record RunFolder(string Root)
{
    /// <summary>Written once by the portal: a <see cref="JobSpec"/>.</summary>
    public string Spec => Path.Combine(Root, "spec.json");

    /// <summary>Appended by the worker only: one <see cref="RunEvent"/> a line, numbered from 1 without gaps.</summary>
    public string Events => Path.Combine(Root, "events.jsonl");

    /// <summary>Appended by the portal only: one <see cref="ControlMessage"/> a line.</summary>
    public string Control => Path.Combine(Root, "control.jsonl");

    /// <summary>Held open exclusively by the one living worker of this run: the lease.</summary>
    public string Lease => Path.Combine(Root, "worker.lock");

    /// <summary>Standard output and error of the worker, for what happens before it can write events.</summary>
    public string WorkerLog => Path.Combine(Root, "worker.log");

    /// <summary>
    /// The trace that the job belongs to, one line (<c>traceparent</c> of W3C Trace Context), by the portal only; absent where nobody
    /// traces.
    /// </summary>
    public string Trace => Path.Combine(Root, "trace");

    /// <summary>One folder a checkpoint, named by its step; the last few are kept.</summary>
    public string Checkpoints => Path.Combine(Root, "checkpoints");

    /// <summary>What the job found or made; whole files only.</summary>
    public string Output => Path.Combine(Root, "output");

    /// <summary>The trained adapter in PEFT form: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.</summary>
    public string Adapter => Path.Combine(Output, "adapter");

    /// <summary>What a plan job found: a <see cref="RunPlan"/>.</summary>
    public string Plan => Path.Combine(Output, "plan.json");

    /// <summary>What a check found: a <see cref="ModelCheck"/>.</summary>
    public string Check => Path.Combine(Output, "check.json");

    /// <summary>What a replay answered: <see cref="ReplayTraces"/>.</summary>
    public string Replay => Path.Combine(Output, "replay.json");

    /// <summary>Texts that an embedding job is given: a JSON string a line, no text twice.</summary>
    public string Texts => Path.Combine(Root, "texts.jsonl");

    /// <summary>
    /// Their vectors, in the same order and without anything between them: <see cref="TextVectors.Dimensions"/> signed bytes each, of which
    /// the largest is 127 or −127. Only their directions mean something.
    /// </summary>
    public string Vectors => Path.Combine(Output, "vectors.bin");

    /// <summary>What the vectors are, written once they are whole: <see cref="TextVectors"/>.</summary>
    public string VectorFacts => Path.Combine(Output, "vectors.json");

    /// <summary>Base and adapter as one Hugging Face folder.</summary>
    public string Merged => Path.Combine(Output, "merged");

    /// <summary>What was checked of an exported GGUF file, beside it: a <see cref="Protocol.GgufReport"/>.</summary>
    public string GgufReport => Path.Combine(Merged, GgufReportName);

    /// <summary>Name of <see cref="GgufReport"/>, in the archive too.</summary>
    public const string GgufReportName = "export.json";

    /// <summary>Figures of an evaluation job: an <see cref="EvaluationReport"/>.</summary>
    public string Report => Path.Combine(Output, "report.json");

    /// <summary>One <see cref="ExampleResult"/> a line.</summary>
    public string Examples => Path.Combine(Output, "examples.jsonl");

    /// <summary>One <see cref="QuestionResult"/> a line.</summary>
    /// <param name="benchmark">Its place in the spec, from 0.</param>
    public string Questions(int benchmark) =>
        Path.Combine(Output, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"benchmark-{benchmark}.jsonl"));
}
