using WebTrainer.Learning.Models;

namespace WebTrainer.Learning.Quantization;

/// <summary>Packs the linear maps inside a model's layers; embedding, head, norms and biases stay as they are, as in QLoRA.</summary>
public static class Nf4Packing
{
    /// <summary>Frees the wide weights one by one, so that both forms never exist of more than one matrix.</summary>
    /// <returns>The model with packed weights; the given one must not be used any more.</returns>
    public static CausalLM Pack(CausalLM model, bool doubleQuantisation)
    {
        var tensors = model.Parameters.ToDictionary();
        var packed = new Dictionary<string, Nf4Matrix>();
        foreach (var projection in model.LayerProjections)
        {
            using var dense = projection.Matrix.ToDense();
            packed[projection.Name] = Nf4Matrix.Pack(dense, doubleQuantisation);
            tensors.Remove(projection.Name + ".weight", out var wide);
            wide?.Dispose();
        }

        return new CausalLM(model.Config, new ModelWeights(tensors, packed), model.ComputeType);
    }
}
