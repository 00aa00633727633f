using System.Text.Json;
using WebTrainer.Learning.Templates;

namespace WebTrainer.Learning.Tests;

/// <summary>
/// Small templates, each with one construct of real ones, beside what Python's Jinja2 makes of them
/// (<c>benchmarks/models/jinja_reference.py fill</c>).
/// </summary>
public sealed class JinjaReferenceTests
{
    private static readonly JsonElement s_data = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "templates.json")))
        .RootElement;

    public static TheoryData<string> Names =>
        [.. s_data.GetProperty("cases").EnumerateArray().Select(one => one.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Template_IsRenderedAsByJinja2_OrRefusedAsByIt(string name)
    {
        var one = s_data.GetProperty("cases").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
        var input = one.GetProperty("input");
        input = input.ValueKind == JsonValueKind.String ? s_data.GetProperty("inputs").GetProperty(input.GetString()!) : input;
        string Render() => new JinjaEngine(one.GetProperty("template").GetString()!).Render(input);
        if (one.TryGetProperty("expected", out var expected))
        {
            Assert.Equal(expected.GetString(), Render());
        }
        else
        {
            Assert.Throws<TemplateException>(Render);
        }
    }
}
