using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Privacy;

/// <summary>
/// Stands in the place of a <see cref="DoraUpdate"/> while a private training runs. A row's gradients are defined, because the norms by
/// which directions are divided are those of the weights, held constant in the backward pass: behind the factor m/‖W + sBA‖ stands a
/// plain low-rank change, and m's gradient is a sum over the row's places.
/// </summary>
internal sealed class RecordingDora(DoraUpdate dora, UnitRecorder recorder, MapPlace place) : IWeightUpdate
{
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => dora.Tensors;

    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training)
    {
        if (!is_grad_enabled())
        {
            return dora.Apply(projection, x, y, training);
        }

        using var scope = NewDisposeScope();
        var dropped = LowRankUpdate.Dropped(x, dora.Low.Dropout, training);
        var seen = ReferenceEquals(dropped, x) ? y : projection.Matrix.Multiply(dropped);
        using var norms = dora.RowNorms(projection.Matrix, x.dtype);
        var changed = RecordedDirection.Apply(
            dropped.reshape(-1, dropped.shape[^1]),
            seen.view(-1, seen.shape[^1]),
            dora,
            norms.reciprocal(),
            recorder,
            place
        );
        return y.Plus(changed.view(y.shape)).MoveToOuterDisposeScope();
    }

    public Tensor Lookup(Tensor ids, ScalarType type) => dora.Lookup(ids, type);

    public Tensor Merge(Tensor weight) => dora.Merge(weight);

    /// <summary>The change is the adapter's.</summary>
    public void Dispose()
    {
        // It frees its tensors itself.
    }
}

/// <summary>
/// <c>(f - 1) ⊙ seen + f ⊙ scale·B·A·x</c> with f = m/‖W + sBA‖, whose factors' and m's gradients are left to a recorder.
/// </summary>
internal sealed class RecordedDirection : autograd.SingleTensorFunction<RecordedDirection>
{
    public override string Name => nameof(RecordedDirection);

    /// <param name="x"><c>[places, in]</c></param>
    /// <param name="seen">W·x, <c>[places, out]</c></param>
    /// <param name="dora">A, B, m and scale.</param>
    /// <param name="inverse">1/‖W + sBA‖ of each row, float32 <c>[out]</c></param>
    /// <param name="recorder">Takes what the gradients are made of.</param>
    /// <param name="place">What the places are.</param>
    public static Tensor Apply(Tensor x, Tensor seen, DoraUpdate dora, Tensor inverse, UnitRecorder recorder, MapPlace place) =>
        apply(x, seen, dora.Low.A, dora.Low.B, dora.Magnitude, inverse, new Site(dora, recorder, place));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, seen, inverse, site) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[5], (Site)vars[6]);
        var low = site.Dora.Low;
        var factor = (site.Dora.Magnitude.detach() * inverse).to(x.dtype); // [out]
        var inner = nn.functional.linear(x, Projection.InType(low.A, x.dtype)); // [places, rank]
        var change = nn.functional.linear(inner, Projection.InType(low.B, x.dtype)).Times(low.Scale); // [places, out]
        ctx.save_for_backward([x, seen, inner, change, inverse]);
        ctx.save_data("site", site);
        ctx.save_data("flows", x.requires_grad);
        return (factor.Plus(-1) * seen).Plus(factor * change);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var (dora, recorder, place) = (Site)ctx.get_data("site");
        var saved = ctx.get_saved_variables();
        var (x, seen, inner, change, inverse) = (
            saved[0].detach(),
            saved[1].detach(),
            saved[2].detach(),
            saved[3].detach(),
            saved[4].detach()
        );
        var (low, g) = (dora.Low, grad_output.detach());
        var factor = (dora.Magnitude.detach() * inverse).to(g.dtype);
        var behind = g * factor; // gradient behind the low-rank change
        var u = behind.matmul(Projection.InType(low.B.detach(), g.dtype)).Times(low.Scale);
        var dx = (bool)ctx.get_data("flows") ? u.matmul(Projection.InType(low.A.detach(), u.dtype)) : null;
        var ofMagnitude = (g * (seen.Plus(change))).to(ScalarType.Float32) * inverse; // [places, out]
        var one = ones([g.shape[0], 1], device: g.device);
        recorder.Add(new ProductGradient(low.A, u.DetachFromDisposeScope(), x.DetachFromDisposeScope(), 1, place));
        recorder.Add(new ProductGradient(low.B, behind.DetachFromDisposeScope(), inner.DetachFromDisposeScope(), low.Scale, place));
        recorder.Add(new ProductGradient(dora.Magnitude, ofMagnitude.DetachFromDisposeScope(), one.DetachFromDisposeScope(), 1, place));
        var dSeen = (g * factor.Plus(-1)).MoveToOuterDisposeScope();
        foreach (var tensor in saved)
        {
            tensor.Dispose();
        }

        return [dx?.MoveToOuterDisposeScope()!, dSeen, null!, null!, null!, null!, null!];
    }

    private sealed record Site(DoraUpdate Dora, UnitRecorder Recorder, MapPlace Place);
}
