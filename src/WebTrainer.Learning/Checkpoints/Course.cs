using System.Text.Json;
using WebTrainer.Protocol;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Learning.Checkpoints;

/// <summary>All that decides what a run learns, by name. A checkpoint goes on only under the course it was made under.</summary>
public sealed class Course
{
    private const string NotSet = "not set";

    /// <summary>
    /// What decides when something is written or looked at, and nothing of what is learned; the device, since another rounds otherwise and
    /// learns the same (the run's log says which it was); and the words for a whole model configuration that checkpoints
    /// had before there was a hash of the model, which changed with each field that a configuration got.
    /// </summary>
    private static readonly HashSet<string> s_beside =
    [
        .. SettingTable.All.Where(setting => !setting.ChangesWhatIsLearned).Select(setting => setting.Path),
        "device",
        "base model",
    ];

    private readonly Dictionary<string, string> _values = [];
    private readonly Dictionary<string, string> _defaults = [];

    /// <summary>Name and value of each fact, as they are kept with a checkpoint.</summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>A fact that has no default: a checkpoint that lacks it says nothing of it.</summary>
    public Course With(string name, string value)
    {
        _values[name] = value;
        return this;
    }

    /// <summary>All of a group's settings as <c>group.setting</c>, those aside that change nothing of what is learned.</summary>
    public Course With<T>(string group, T settings)
        where T : notnull, new()
    {
        foreach (var (name, value) in Named(group, settings))
        {
            _values[name] = value;
        }

        foreach (var (name, value) in Named(group, new T()))
        {
            _defaults[name] = value;
        }

        return this;
    }

    /// <param name="earlier">The course of a checkpoint. A setting that it lacks came after it was made, and had its default until
    /// then.</param>
    /// <exception cref="InvalidDataException">They differ; names each setting with both values.</exception>
    public void RefuseAnother(IReadOnlyDictionary<string, string> earlier)
    {
        var differences = earlier
            .Keys.Union(_values.Keys)
            .Where(name => !s_beside.Contains(name))
            .Select(name =>
                (
                    name,
                    was: earlier.GetValueOrDefault(name) ?? _defaults.GetValueOrDefault(name, NotSet),
                    now: _values.GetValueOrDefault(name, NotSet)
                )
            )
            .Where(setting => earlier.ContainsKey(setting.name) || _defaults.ContainsKey(setting.name))
            .Where(setting => setting.was != setting.now)
            .Select(setting => $"{setting.name} was {setting.was} and is {setting.now}")
            .ToList();
        if (differences.Count > 0)
        {
            throw new InvalidDataException(
                $"This run can't go on from its checkpoints, which were made otherwise: {string.Join("; ", differences)}."
            );
        }
    }

    private static IEnumerable<(string Name, string Value)> Named(string group, object settings) =>
        from setting in JsonSerializer.SerializeToNode(settings, ProtocolJson.Line)!.AsObject()
        let name = $"{group}.{setting.Key}"
        where !s_beside.Contains(name)
        select (name, setting.Value?.ToJsonString() ?? NotSet);
}
