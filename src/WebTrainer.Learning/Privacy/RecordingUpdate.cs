using WebTrainer.Learning.Adapters;
using WebTrainer.Learning.Models;
using static TorchSharp.torch;

namespace WebTrainer.Learning.Privacy;

/// <summary>
/// Stands in the place of a low-rank change while a private training runs: it computes the same, and its backward pass tells the recorder
/// what the factors' gradients are made of, instead of adding those of all rows up.
/// </summary>
internal sealed class RecordingUpdate(LowRankUpdate low, UnitRecorder recorder, MapPlace place) : IWeightUpdate
{
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => low.Tensors;

    public bool OnlyAdds => true;

    public Tensor Apply(Projection projection, Tensor x, Tensor y, bool training)
    {
        if (!is_grad_enabled())
        {
            return low.Apply(projection, x, y, training);
        }

        using var scope = NewDisposeScope();
        var seen = LowRankUpdate.Dropped(x, low.Dropout, training);
        var rows = RecordedChange.Apply(seen.reshape(-1, seen.shape[^1]), y.view(-1, y.shape[^1]), low, recorder, place);
        return rows.view(y.shape).MoveToOuterDisposeScope();
    }

    public Tensor Lookup(Tensor ids, ScalarType type)
    {
        if (!is_grad_enabled())
        {
            return low.Lookup(ids, type);
        }

        using var scope = NewDisposeScope();
        return RecordedLookup.Apply(ids, low, recorder).to(type).MoveToOuterDisposeScope();
    }

    public Tensor Merge(Tensor weight) => low.Merge(weight);

    /// <summary>The change is the adapter's.</summary>
    public void Dispose()
    {
        // It frees its tensors itself.
    }
}

/// <summary><c>y + scale·B·A·x</c>, whose factors' gradients are left to a recorder.</summary>
internal sealed class RecordedChange : autograd.SingleTensorFunction<RecordedChange>
{
    public override string Name => nameof(RecordedChange);

    /// <param name="x"><c>[places, in]</c></param>
    /// <param name="y"><c>[places, out]</c></param>
    public static Tensor Apply(Tensor x, Tensor y, LowRankUpdate low, UnitRecorder recorder, MapPlace place) =>
        apply(x, y, low.A, low.B, new Site(low, recorder, place));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, y, site) = ((Tensor)vars[0], (Tensor)vars[1], (Site)vars[4]);
        var inner = nn.functional.linear(x, Projection.InType(site.Low.A, x.dtype)); // [places, rank]
        ctx.save_for_backward([x, inner]);
        ctx.save_data("site", site);
        ctx.save_data("flows", x.requires_grad);
        return y.addmm(inner, Projection.InType(site.Low.B, x.dtype).t(), 1, (float)site.Low.Scale);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var (low, recorder, place) = (Site)ctx.get_data("site");
        var saved = ctx.get_saved_variables();
        var (x, inner) = (saved[0].detach(), saved[1].detach());
        var g = grad_output.detach();
        var u = g.matmul(Projection.InType(low.B.detach(), g.dtype)).Times(low.Scale); // [places, rank]: gradient behind A
        var dx = (bool)ctx.get_data("flows") ? u.matmul(Projection.InType(low.A.detach(), u.dtype)) : null;
        recorder.Add(new ProductGradient(low.A, u.DetachFromDisposeScope(), x.DetachFromDisposeScope(), 1, place));
        recorder.Add(new ProductGradient(low.B, g.DetachFromDisposeScope(), inner.DetachFromDisposeScope(), low.Scale, place));
        foreach (var tensor in saved)
        {
            tensor.Dispose();
        }

        return [dx?.MoveToOuterDisposeScope()!, grad_output.alias().MoveToOuterDisposeScope(), null!, null!, null!];
    }

    private sealed record Site(LowRankUpdate Low, UnitRecorder Recorder, MapPlace Place);
}

/// <summary><c>scale·(B·A)ᵗ</c> of each token t, whose factors' gradients are left to a recorder.</summary>
internal sealed class RecordedLookup : autograd.SingleTensorFunction<RecordedLookup>
{
    public override string Name => nameof(RecordedLookup);

    /// <param name="ids">int64 <c>[places]</c></param>
    /// <returns>float32 <c>[places, width]</c></returns>
    public static Tensor Apply(Tensor ids, LowRankUpdate low, UnitRecorder recorder) => apply(ids, low.A, low.B, new Site(low, recorder));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (ids, site) = ((Tensor)vars[0], (Site)vars[3]);
        var inner = site.Low.A.detach().t().index_select(0, ids); // [places, rank]
        ctx.save_for_backward([ids, inner]);
        ctx.save_data("site", site);
        return nn.functional.linear(inner, site.Low.B.detach()).Times(site.Low.Scale);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var (low, recorder) = (Site)ctx.get_data("site");
        var saved = ctx.get_saved_variables();
        var (ids, inner, g) = (saved[0].detach(), saved[1].detach(), grad_output.detach());
        var u = g.matmul(low.B.detach()).Times(low.Scale); // [places, rank]
        recorder.Add(new LookupGradient(low.A, u.DetachFromDisposeScope(), ids.DetachFromDisposeScope()));
        recorder.Add(new ProductGradient(low.B, g.DetachFromDisposeScope(), inner.DetachFromDisposeScope(), low.Scale, MapPlace.Tokens));
        foreach (var tensor in saved)
        {
            tensor.Dispose();
        }

        return [null!, null!, null!, null!];
    }

    private sealed record Site(LowRankUpdate Low, UnitRecorder Recorder);
}

/// <summary>A map of a classifier's head, <c>y = W·x + b</c>, whose gradients are left to a recorder.</summary>
internal sealed class RecordedHeadMap : autograd.SingleTensorFunction<RecordedHeadMap>
{
    public override string Name => nameof(RecordedHeadMap);

    /// <param name="x">float32 <c>[rows, in]</c></param>
    /// <param name="weight">float32 <c>[out, in]</c>, which learns.</param>
    /// <param name="bias"><c>[out]</c>, which learns.</param>
    public static Tensor Apply(Tensor x, Tensor weight, Tensor bias, UnitRecorder recorder) =>
        apply(x, weight, bias, new Site(weight, bias, recorder));

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, site) = ((Tensor)vars[0], (Site)vars[3]);
        ctx.save_for_backward([x]);
        ctx.save_data("site", site);
        ctx.save_data("flows", x.requires_grad);
        return nn.functional.linear(x, site.Weight.detach(), site.Bias.detach());
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var scope = NewDisposeScope();
        var (weight, bias, recorder) = (Site)ctx.get_data("site");
        var saved = ctx.get_saved_variables();
        var (x, g) = (saved[0].detach(), grad_output.detach());
        var dx = (bool)ctx.get_data("flows") ? g.matmul(weight.detach()) : null;
        var one = ones([g.shape[0], 1], device: g.device);
        recorder.Add(new ProductGradient(weight, g.DetachFromDisposeScope(), x.DetachFromDisposeScope(), 1, MapPlace.Rows));
        recorder.Add(new ProductGradient(bias, g.alias().DetachFromDisposeScope(), one.DetachFromDisposeScope(), 1, MapPlace.Rows));
        saved[0].Dispose();
        return [dx?.MoveToOuterDisposeScope()!, null!, null!, null!];
    }

    private sealed record Site(Tensor Weight, Tensor Bias, UnitRecorder Recorder);
}
