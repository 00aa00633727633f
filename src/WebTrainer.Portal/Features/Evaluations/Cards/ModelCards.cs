using System.Globalization;
using System.Text;
using System.Text.Json;
using WebTrainer.Models;
using WebTrainer.Pipeline.Documentation;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Runs;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Portal.Features.Evaluations.Cards;

/// <summary>How a tuned model is handed out.</summary>
public enum ModelForm
{
    /// <summary>As the run left it: an adapter, or the whole model where all weights or a head were tuned.</summary>
    Adapter,

    /// <summary>Base and adapter as one.</summary>
    Whole,

    /// <summary>One file for llama.cpp.</summary>
    Gguf,
}

/// <summary>
/// Writes a run's model card (Mitchell et al., arXiv:1810.03993) from what the server knows of it. What only people know is left
/// open and says so.
/// </summary>
public sealed class ModelCards(RunService runs, EvaluationService evaluations, ModelCatalog models)
{
    public const string FileName = "README.md";

    /// <param name="form">In which the model is handed out, by which programs know what loads it.</param>
    public async Task<string> WriteAsync(Caller caller, Guid projectId, Guid runId, ModelForm form, CancellationToken cancellationToken)
    {
        var view = await runs.GetAsync(caller, projectId, runId, cancellationToken);
        var evaluation = await evaluations.NewestOfRunAsync(caller, projectId, runId, cancellationToken);
        var model = models.List().FirstOrDefault(m => m.Id == view.Run.BaseModel);
        var card = new StringBuilder();
        Head(card, view, model, form);
        Training(card, view, model);
        if (view.Spec.Classifier is { } classifier)
        {
            Labels(card, view, classifier);
        }

        if (!view.Run.IsImported && MergeAdvice.Of(view.Spec.Method) is { } advice)
        {
            card.AppendLine(advice).AppendLine();
        }

        Figures(card, view, evaluation);
        card.AppendLine("## Use and limits").AppendLine();
        card.AppendLine(
                "To be written by those who know: what it is meant for, what it must not be used for, whom its mistakes could harm."
            )
            .AppendLine();
        card.AppendLine(
            $"It was judged on rows like those it learned from. On anything else its quality is not known{(evaluation is null ? ", and it has not been evaluated yet" : "")}."
        );
        return card.ToString();
    }

    private static void Head(StringBuilder card, RunView view, BaseModel? model, ModelForm form)
    {
        card.AppendLine("---");
        card.AppendLine($"base_model: {model?.HubName ?? view.Run.BaseModel}");
        if (model?.License is { } license)
        {
            card.AppendLine(
                HubWords.LicenseId(license) is { } id
                    ? $"license: {id}"
                    : $"license: other\nlicense_name: {JsonSerializer.Serialize(license)}"
            );
        }

        if (form != ModelForm.Gguf)
        {
            var isWhole = form == ModelForm.Whole || view.Spec.Method.Method is TuningMethod.Full or TuningMethod.Head;
            card.AppendLine($"library_name: {(isWhole ? "transformers" : "peft")}");
        }

        var task =
            view.Spec.Classifier is not null ? "text-classification"
            : model?.IsEncoderDecoder == true ? "text2text-generation"
            : "text-generation";
        card.AppendLine($"pipeline_tag: {task}");

        card.AppendLine("---").AppendLine();
        card.AppendLine($"# {view.Run.Name}").AppendLine();
        card.AppendLine(
                view.Run.IsImported
                    ? $"Run {view.Run.Number}: an adapter of {view.Run.BaseModel}, brought in from {view.Run.ImportedFrom}. It was trained elsewhere; its author's card says how."
                    : $"Run {view.Run.Number}, trained from {view.Run.BaseModel} with {SettingTable.Of("method").Words(view.Spec.Tuning)}."
            )
            .AppendLine();
    }

    private static void Training(StringBuilder card, RunView view, BaseModel? model)
    {
        card.AppendLine("## How it was made").AppendLine();
        Row(card, "Fact", "Value");
        Row(card, "---", "---");
        Row(
            card,
            "Base",
            model is null ? view.Run.BaseModel : $"{model.Id} ({model.Architecture}, licence {model.License ?? "not stated"})"
        );
        Row(
            card,
            "Data",
            view.Data is not { } data
                ? "not known here"
                : $"{data.Name}, version {data.Number}; {view.Spec.Data?.Train?.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows to learn from, SHA-256 {view.Spec.Data?.Train?.Sha256}"
        );
        foreach (var setting in view.Settings)
        {
            Row(card, setting.Name, setting.Value);
        }

        Row(card, "Settings, SHA-256", view.Run.SpecSha256);
        Row(
            card,
            view.Run.IsImported ? "Brought in by" : "Submitted by, approved by",
            view.Run.IsImported ? view.SubmittedByName : $"{view.SubmittedByName}, {view.DecidedByName ?? "nobody"}"
        );
        Row(
            card,
            "Steps",
            view.Run.IsImported ? "not known here"
                : view.Run.Job is { } job ? $"{job.Step.ToString("N0", CultureInfo.InvariantCulture)}, ended {job.EndedAt:yyyy-MM-dd}"
                : "not started"
        );
        card.AppendLine();
    }

    private static void Labels(StringBuilder card, RunView view, ClassifierSpec classifier)
    {
        card.AppendLine("## What it says").AppendLine();
        card.AppendLine(
                classifier.Kind == ClassificationKind.Number
                    ? "A number."
                    : $"{SettingTable.Of("classifierKind").Words(view.Spec.Tuning)} of: {string.Join(", ", view.Spec.Data?.Labels ?? [])}."
            )
            .AppendLine();
        card.AppendLine(
                "`classifier.json` has the labels in the order of the scores, and which part of a conversation is read. Where the head is a linear map over the mean of the tokens' states, "
                    + "transformers has no class for it and its own would compute something else: use this project's endpoint (`/v1/classify`), or `model.onnx` of the whole model, which any ONNX runtime answers from."
            )
            .AppendLine();
    }

    private static void Figures(StringBuilder card, RunView view, EvaluationView? evaluation)
    {
        card.AppendLine("## How good it is").AppendLine();
        if (evaluation?.Report is not { } report)
        {
            card.AppendLine("Not evaluated yet.").AppendLine();
            return;
        }

        card.AppendLine(
                $"Evaluation {evaluation.Evaluation.Number} on {report.Rows.ToString("N0", CultureInfo.InvariantCulture)} held-out rows; 95 % intervals."
            )
            .AppendLine();
        Row(
            card,
            "Model",
            report.Metric == "accuracy" ? "Accuracy" : "Exact match",
            "Interval",
            "Answer perplexity",
            "Loss on general text"
        );
        Row(card, "---", "---", "---", "---", "---");
        foreach (var figures in report.Models)
        {
            Row(
                card,
                figures.Name,
                Percent(figures.Score),
                $"{Percent(figures.ScoreLow)} to {Percent(figures.ScoreHigh)}",
                Number(figures.AnswerPerplexity),
                Number(figures.GeneralLoss)
            );
        }

        card.AppendLine();
        foreach (var comparison in report.Comparisons.Where(c => c.Second == AdapterNames.Of(view.Run)))
        {
            card.AppendLine($"- {Verdict.Of(comparison, report.Rows).Sentence}");
        }

        card.AppendLine();
    }

    private static void Row(StringBuilder card, params ReadOnlySpan<string> cells)
    {
        foreach (var cell in cells)
        {
            card.Append("| ").Append(cell.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal)).Append(' ');
        }

        card.AppendLine("|");
    }

    private static string Percent(double share) => share.ToString("P1", CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("0.00", CultureInfo.InvariantCulture) ?? "–";
}
