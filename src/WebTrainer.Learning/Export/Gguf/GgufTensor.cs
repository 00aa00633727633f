using static TorchSharp.torch;

namespace WebTrainer.Learning.Export;

/// <summary>A tensor that is to be written.</summary>
/// <param name="Name">In the file, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Shape">The outermost first, as Torch has it; the file has it the other way.</param>
/// <param name="Format">How its numbers are written.</param>
/// <param name="Read">Its numbers, in any type; owned by the scope of who calls.</param>
internal sealed record GgufTensor(string Name, long[] Shape, BlockFormat Format, Func<Tensor> Read)
{
    /// <summary>Numbers in it.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes in the file, without what fills up behind it.</summary>
    public long Bytes => Format.BytesOf(Count);
}
