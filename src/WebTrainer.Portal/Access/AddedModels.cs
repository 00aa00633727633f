using System.Text.Json;
using WebTrainer.Data;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Access;

/// <summary>A model that somebody added, as it counts against their room.</summary>
public sealed record AddedModel(Guid ProjectId, string UserId, long Bytes);

/// <summary>Who added which model of this server, noted beside the models.</summary>
public sealed class AddedModels(DataFolder data)
{
    private const string Ending = ".added.json";

    public IReadOnlyList<AddedModel> List() =>
        [
            .. Directory
                .EnumerateFiles(data.Models, "*" + Ending)
                .Select(path => JsonSerializer.Deserialize<AddedModel>(File.ReadAllText(path), ProtocolJson.Document)!),
        ];

    public void Note(string name, AddedModel model) =>
        AtomicFile.WriteAllText(PathOf(name), JsonSerializer.Serialize(model, ProtocolJson.Document));

    public void Forget(string name) => File.Delete(PathOf(name));

    private string PathOf(string name) => Path.Combine(data.Models, "." + name + Ending);
}
