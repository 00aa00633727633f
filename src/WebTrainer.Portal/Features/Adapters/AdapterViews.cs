using WebTrainer.Domain.Runs;
using WebTrainer.Models;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Adapters;

/// <summary>What an uploaded adapter tells before it is tried.</summary>
/// <param name="FileName">Of the archive.</param>
/// <param name="MadeFor">What its author trained it on, as the file says; null where it doesn't.</param>
/// <param name="Bases">Models of this server that may be its base, the likeliest first.</param>
public sealed record AdapterOffer(string FileName, string? MadeFor, IReadOnlyList<BaseModel> Bases)
{
    /// <summary>What to do where no model of this server fits; null where one does.</summary>
    public string? Missing =>
        Bases.Count > 0 ? null
        : MadeFor is null
            ? "The adapter doesn't say what it was trained on, and no base model of this server has its layers and width. Add its base first, or name one."
        : $"The adapter was trained on “{MadeFor}”, and this server has no base model of that name, nor one with its layers and width. Add that model first, on the page Base models, or name another base.";
}

/// <summary>An adapter that was brought in, with what it did on its base.</summary>
public sealed record ImportedAdapter(Run Run, ModelCheck? Check);
