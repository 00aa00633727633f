using WebTrainer.Models;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Models;

/// <summary>What a person names must be there.</summary>
public static class ModelLookup
{
    /// <exception cref="NotFoundException">This server has no such model.</exception>
    public static BaseModel Get(this ModelCatalog catalog, string id) =>
        catalog.Find(id) ?? throw new NotFoundException($"This server has no base model '{id}'.");
}
