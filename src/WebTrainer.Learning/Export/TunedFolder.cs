using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Templates;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Export;

/// <summary>
/// A tuned model as a Hugging Face folder, in bfloat16: other programs load it, make the prompts it was tuned by, and stop where its
/// answers end.
/// </summary>
internal static class TunedFolder
{
    /// <param name="folder">Made where it isn't there.</param>
    /// <param name="baseFolder">Gives configuration and tokenizer.</param>
    /// <param name="weights">All of them, by their names in the checkpoint.</param>
    /// <param name="encoder">By which prompts and answers were learned.</param>
    public static void Write(string folder, string baseFolder, IReadOnlyDictionary<string, Tensor> weights, ConversationEncoder encoder)
    {
        ModelStore.SaveTuned(folder, baseFolder, weights, ScalarType.BFloat16);
        TemplateFiles.WriteBoth(folder, encoder.MadeTemplate);
        GenerationKeys.Write(folder, encoder, ScalarType.BFloat16);
    }
}
