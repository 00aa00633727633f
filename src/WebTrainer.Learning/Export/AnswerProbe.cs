using System.Globalization;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Generation;
using WebTrainer.Learning.Models;
using WebTrainer.Protocol;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Export;

/// <summary>
/// What a model answers to a few prompts, to be compared with what it answers once it was written and read again from its folder: prompts,
/// ends of answers, and the likelihood of each token that it wrote.
/// </summary>
internal sealed class AnswerProbe
{
    private const int NewTokens = 8;

    /// <summary>
    /// Rounding weights to bfloat16 (eight bits) moves a token's log-probability by less; a head that lost its change, or another template,
    /// moves it by more.
    /// </summary>
    private const double TolerableNats = 0.5;
    private static readonly string[] s_questions = ["What can you do for me?", "Where is my card?", "1, 2, 3,"];

    private readonly List<ProbedAnswer> _answers;
    private readonly HashSet<int> _ends;
    private readonly ScalarType _compute;

    private AnswerProbe(List<ProbedAnswer> answers, HashSet<int> ends, ScalarType compute) =>
        (_answers, _ends, _compute) = (answers, ends, compute);

    /// <summary>Lets the model answer, each time with the likeliest token.</summary>
    /// <param name="model">With the adapter attached that it is tuned by; asked without dropout.</param>
    /// <param name="encoder">By which its prompts are made.</param>
    /// <param name="cancellationToken">Looked at before each token.</param>
    public static AnswerProbe Of(ILanguageModel model, ConversationEncoder encoder, CancellationToken cancellationToken)
    {
        var training = model.Training;
        model.Training = false;
        try
        {
            var prompts = s_questions.Select(question => PromptOf(encoder, question)).ToList();
            var answers = GreedyGenerator.Generate(model, prompts, NewTokens, encoder.EndIds, cancellationToken);
            return new(
                [.. s_questions.Select((question, i) => ProbedAnswer.Of(model, question, prompts[i], answers[i]))],
                encoder.EndIds,
                model.ComputeType
            );
        }
        finally
        {
            model.Training = training;
        }
    }

    /// <summary>Reads a folder and asks it the same.</summary>
    /// <param name="folder">As it was written.</param>
    /// <param name="device">Holds its weights meanwhile.</param>
    /// <param name="cancellationToken">Looked at between weights and answers.</param>
    /// <exception cref="ModelFileException">It can't be read, or answers otherwise; the message names the first difference.</exception>
    public void Require(string folder, Device device, CancellationToken cancellationToken)
    {
        var written = ModelStore.LoadLanguageModel(folder, ScalarType.BFloat16, _compute, device, cancellationToken: cancellationToken);
        try
        {
            var encoder = ConversationEncoder.Of(
                folder,
                PromptTemplate.Chat,
                written.Config.ContextTokens,
                written.Config.IsEncoderDecoder
            );
            foreach (var answer in _answers)
            {
                cancellationToken.ThrowIfCancellationRequested();
                RequireSamePrompt(answer, PromptOf(encoder, answer.Question));
                RequireSameTokens(answer, ProbedAnswer.LikelihoodsOf(written, answer.Prompt, answer.Tokens));
            }

            if (!encoder.EndIds.SetEquals(_ends))
            {
                throw Differs($"its answers end at the tokens {Listed(encoder.EndIds)}, not at {Listed(_ends)}");
            }
        }
        finally
        {
            written.Weights.Release();
        }
    }

    /// <summary>As long as the model has room behind it for the answer.</summary>
    private static List<int> PromptOf(ConversationEncoder encoder, string question)
    {
        var prompt = encoder.EncodePrompt([new ChatMessage("user", question)]);
        return [.. prompt.TakeLast(Math.Max(1, encoder.ContextTokens - NewTokens - 1))];
    }

    private static void RequireSamePrompt(ProbedAnswer expected, List<int> prompt)
    {
        if (!prompt.SequenceEqual(expected.Prompt))
        {
            throw Differs($"the prompt of “{expected.Question}” is made of other tokens");
        }
    }

    private static void RequireSameTokens(ProbedAnswer expected, double[] likelihoods)
    {
        for (var place = 0; place < likelihoods.Length; place++)
        {
            // Written so that what is no number differs too.
            if (!(Math.Abs(likelihoods[place] - expected.Likelihoods[place]) <= TolerableNats))
            {
                throw Differs(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"token {place + 1} of its answer to “{expected.Question}” has a log-probability of {likelihoods[place]:0.00}, not {expected.Likelihoods[place]:0.00}"
                    )
                );
            }
        }
    }

    private static ModelFileException Differs(string how) =>
        new($"The model was written, and read again it is not the one that was trained: {how}. It is not handed out.");

    private static string Listed(IEnumerable<int> ids) => string.Join(", ", ids.Order());

    /// <param name="Question">What was asked.</param>
    /// <param name="Prompt">Its tokens.</param>
    /// <param name="Tokens">The answer's, and the one that follows it: its end, or the next.</param>
    /// <param name="Likelihoods">Of each of these, in nats.</param>
    private sealed record ProbedAnswer(string Question, List<int> Prompt, List<int> Tokens, double[] Likelihoods)
    {
        public static ProbedAnswer Of(ILanguageModel model, string question, List<int> prompt, List<int> answer)
        {
            using var scope = NewDisposeScope();
            using var _ = inference_mode();
            var behind = ScoresOf(model, prompt, answer)[-1].argmax().item<long>();
            List<int> tokens = [.. answer, (int)behind];
            return new(question, prompt, tokens, LikelihoodsOf(model, prompt, tokens));
        }

        public static double[] LikelihoodsOf(ILanguageModel model, List<int> prompt, List<int> tokens)
        {
            using var scope = NewDisposeScope();
            using var _ = inference_mode();
            var chosen = tensor([.. tokens.Select(id => (long)id)], device: model.Device).unsqueeze(1);
            return
            [
                .. ScoresOf(model, prompt, [.. tokens.SkipLast(1)])
                    .log_softmax(1)
                    .gather(1, chosen)
                    .squeeze(1)
                    .cpu()
                    .data<float>()
                    .ToArray()
                    .Select(value => (double)value),
            ];
        }

        /// <returns>Of each token behind the prompt and of the one behind the answer, <c>[answer + 1, vocabulary]</c>.</returns>
        private static Tensor ScoresOf(ILanguageModel model, List<int> prompt, List<int> answer) =>
            model.Logits(model.Read([new PromptAndAnswer(prompt, answer)])).to(ScalarType.Float32);
    }
}
