using System.Globalization;
using System.Text;
using System.Text.Json;
using WebTrainer.Learning.Generation.Constrained;

namespace WebTrainer.Learning.Tests.Constrained;

public sealed class SchemaGrammarTests
{
    private const string Tree =
        """{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#/$defs/node"}}},"required":["v","kids"],"additionalProperties":false}}}""";

    [Theory]
    [InlineData("""{"type":"boolean"}""", "true|false", "TRUE|null|\"true\"|")]
    [InlineData("""{"type":["string","null"]}""", "null|\"\"|\"a\\n\\u00e9 سلام 😀\"|\"\\ud83d\\ude00\"", "\"\n\"|\"\\ud83d\"|\"\\x\"|'a'")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":3}""", "\"ab\"|\"سلا\"|\"\\\"\\u0041\"", "\"a\"|\"abcd\"")]
    [InlineData("""{"enum":["a","b c",1,null,{"x":[1]}]}""", "\"a\"|\"b c\"|1|null|{\"x\":[1]}", "\"c\"|a|2")]
    [InlineData("""{"type":"string","enum":["a",1]}""", "\"a\"", "1")]
    [InlineData("""{"const":"x"}""", "\"x\"", "\"y\"")]
    [InlineData(
        """{"type":"array","items":{"type":"null"},"minItems":1,"maxItems":2}""",
        "[null]|[null,null]|[null, null]",
        "[]|[null,null,null]|[ null]"
    )]
    [InlineData(
        """{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"},"c":{"type":"null"}},"required":["b"],"additionalProperties":false}""",
        """{"b":null}|{"a":null,"b":null}|{"a": null, "b":null,"c":null}|{"b":null,"c":null}""",
        """{}|{"a":null}|{"b":null,"a":null}|{"b":null,"d":null}|{,"b":null}|{"b":null,}"""
    )]
    [InlineData("""{"type":"object","properties":{},"additionalProperties":false}""", "{}", """{"a":1}""")]
    [InlineData("""{"type":"object"}""", """{}|{"a":1.5,"b":{"c":[true,"x"]}}""", "[]|1|{a:1}")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", """{}|{"a":1,"b":2}""", """{"a":"x"}""")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"string","enum":["none"]}]}""", "12|\"none\"", "\"12\"|1.5")]
    [InlineData(Tree, """{"v":1,"kids":[]}|{"v":1,"kids":[{"v":2,"kids":[]},{"v":3,"kids":[]}]}""", """{"v":1}|{"v":1,"kids":[1]}""")]
    [InlineData("""{"type":"number"}""", "0|-1.5|10|0.001|-0", "01|1.|.5|+1|1e5|--1")]
    [InlineData("""{"type":"integer","minimum":-3,"maximum":120}""", "-3|0|7|99|120", "-4|121|1000|1.0|05")]
    [InlineData("""{"type":"integer","exclusiveMinimum":0}""", "1|10|999999999999999", "0|-1|9999999999999999")]
    [InlineData("""{"type":"number","minimum":0,"maximum":1}""", "0|1|0.5|0.999|0.0", "1.1|-0.5|2")]
    [InlineData("""{"type":"number","exclusiveMinimum":0.25,"maximum":0.75}""", "0.26|0.2500001|0.75|0.7", "0.25|0.76|0|1|0.2")]
    public void Schema_ReadsWhatHoldsToIt_AndNothingElse(string schema, string good, string bad)
    {
        var automaton = new Automaton(SchemaGrammar.Of(JsonDocument.Parse(schema).RootElement));
        Assert.All(good.Split('|'), text => Assert.True(Reads(automaton, text), text));
        Assert.All(bad.Split('|'), text => Assert.False(Reads(automaton, text), text));
    }

    [Theory]
    [InlineData("""{"type":"string","pattern":"a+"}""", "'pattern'")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"string","format":"date"}}}""", "'properties.a.format'")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer","multipleOf":2}}}""", "'properties.a.multipleOf'")]
    [InlineData("""{"type":"array","items":{"oneOf":[{"type":"null"}]}}""", "'items.oneOf'")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "'uniqueItems'")]
    [InlineData("""{"type":"array","items":{"type":"string"},"minLength":3}""", "'minLength'")]
    [InlineData("""{"type":"object","properties":{"a":{}},"additionalProperties":true}""", "'additionalProperties'")]
    [InlineData("""{"type":"object","properties":{"a":{}},"required":["b"]}""", "'b'")]
    [InlineData("""{"type":"object","properties":[]}""", "'properties'")]
    [InlineData("""{"properties":{"a":{}}}""", "'type'")]
    [InlineData("""{"type":"text"}""", "'text'")]
    [InlineData("""{"type":"string","maxLength":-1}""", "'maxLength'")]
    [InlineData("""{"type":"string","minLength":1000000}""", "'minLength'")]
    [InlineData("""{"type":"integer","minimum":"1"}""", "'minimum'")]
    [InlineData("""{"anyOf":[{"type":"null"},{"not":{}}]}""", "'anyOf[1].not'")]
    [InlineData("""{"anyOf":[{"type":"null"}],"type":"null"}""", "'type'")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "'#/$defs/none'")]
    [InlineData("""{"$ref":"http://example.org/a"}""", "leads out")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"type":"string","pattern":"x"}}}""", "'#/$defs/a.pattern'")]
    [InlineData("""{"$ref":"#"}""", "No JSON")]
    [InlineData("""{"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]}""", "No JSON")]
    [InlineData("""{"type":"integer","minimum":2,"maximum":1}""", "No JSON")]
    [InlineData("""{"type":"string","enum":[1]}""", "No JSON")]
    [InlineData("""{"type":"integer","exclusiveMinimum":79228162514264337593543950335}""", "No JSON")]
    [InlineData("""{"type":"number","minimum":1e300}""", "'minimum'")]
    [InlineData("[]", "'schema'")]
    [InlineData("""{"type":"array","items":7}""", "'items'")]
    public void Schema_OfWhatIsNotSupported_IsRefusedByPath(string schema, string named) =>
        Assert.Contains(
            named,
            Assert.Throws<ConstraintException>(() => SchemaGrammar.Of(JsonDocument.Parse(schema).RootElement)).Message,
            StringComparison.Ordinal
        );

    /// <summary>All numbers of two decimals between the bounds, and none beside them.</summary>
    [Fact]
    public void Numbers_BetweenRandomBounds_AreJustThose() =>
        CsCheck.Check.Sample(
            CsCheck.Gen.Select(CsCheck.Gen.Int[-3000, 3000], CsCheck.Gen.Int[0, 3000], CsCheck.Gen.Int[-7000, 7000]),
            (int from, int width, int value) =>
            {
                decimal low = from / 100m,
                    high = (from + width) / 100m,
                    number = value / 100m;
                var text = number.ToString("0.##", CultureInfo.InvariantCulture);
                Assert.Equal(number >= low && number <= high, Reads(new Automaton(NumberGrammar.Numbers(low, high)), text));
                var whole = Math.Truncate(number);
                Assert.Equal(
                    whole >= low && whole <= high,
                    Reads(new Automaton(NumberGrammar.Integers(low, high)), whole.ToString("0", CultureInfo.InvariantCulture))
                );
            },
            iter: 3000,
            threads: 1
        );

    [Fact]
    public void Shortest_IsAStringOfTheGrammar_AndNoneIsShorter()
    {
        var automaton = new Automaton(SchemaGrammar.Of(JsonDocument.Parse(Tree).RootElement));
        Assert.Equal("""{"v":0,"kids":[]}""", Encoding.UTF8.GetString(automaton.Start.Shortest));
        Assert.Equal(automaton.Start.Shortest.Length, automaton.Start.LeastBytes);
    }

    internal static bool Reads(Automaton automaton, string text) =>
        Encoding.UTF8.GetBytes(text).Aggregate(automaton.Start, automaton.Step).IsComplete;
}
