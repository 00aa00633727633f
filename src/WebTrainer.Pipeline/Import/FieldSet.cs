using System.Text;
using System.Text.Json;

namespace WebTrainer.Pipeline.Import;

/// <summary>Names of fields, compared with those of JSON without making texts of them.</summary>
internal sealed class FieldSet(params IEnumerable<string?> names)
{
    private readonly HashSet<string> _names = [.. names.OfType<string>().Where(name => name.Length > 0)];
    private readonly byte[][] _bytes = [.. names.OfType<string>().Where(name => name.Length > 0).Distinct().Select(Encoding.UTF8.GetBytes)];

    public bool Contains(string name) => _names.Contains(name);

    public bool Contains(JsonProperty property)
    {
        foreach (var name in _bytes)
        {
            if (property.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }
}
