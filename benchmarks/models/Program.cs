using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using WebTrainer.ModelBenchmarks;
using WebTrainer.Tokenizing;

// lines FILE            writes the lines, and a long text, that both sides encode
// compare FOLDER INPUT REFERENCE
//     FOLDER/NAME holds a tokenizer.json and REFERENCE/NAME.json what the reference made of INPUT
// templates FOLDER      writes the conversations that both sides render
// compare-templates FOLDER TEXTS
//     FOLDER/NAME holds a tokenizer_config.json or a chat_template.jinja, and TEXTS/NAME.json what the reference made of its conversations
if (args is ["templates", var templates])
{
    Templates.Write(templates);
    return;
}

if (args is ["compare-templates", var rendered, var references])
{
    Templates.Compare(rendered, references);
    return;
}

if (args is ["lines", var file])
{
    File.WriteAllText(
        file,
        JsonSerializer.Serialize(
            new
            {
                lines = Lines.All(),
                prose = Lines.Prose(400_000, seed: 1),
                before = Lines.Prose(400_000, seed: 2),
            }
        )
    );
    return;
}

var (folder, input, reference) = (args[1], JsonDocument.Parse(File.ReadAllText(args[2])).RootElement, args[3]);
string[] lines = [.. input.GetProperty("lines").EnumerateArray().Select(line => line.GetString()!)];
var prose = input.GetProperty("prose").GetString()!;
Console.WriteLine("| tokenizer | lines equal | decoded equal | tokens/s here | reference |");
Console.WriteLine("| --- | --- | --- | --- | --- |");
foreach (var path in Directory.GetFiles(reference, "*.json").Order(StringComparer.Ordinal))
{
    var name = Path.GetFileNameWithoutExtension(path);
    using var expected = JsonDocument.Parse(File.ReadAllText(path));
    try
    {
        var tokenizer = TextTokenizer.Load(Path.Combine(folder, name));
        var ids = expected
            .RootElement.GetProperty("ids")
            .EnumerateArray()
            .Select(line => line.EnumerateArray().Select(id => id.GetInt32()).ToArray())
            .ToList();
        var texts = expected.RootElement.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!).ToList();
        List<int> wrong =
        [
            .. Enumerable.Range(0, lines.Length).Where(line => !tokenizer.EncodeTemplate(lines[line]).SequenceEqual(ids[line])),
        ];
        var read = Enumerable.Range(0, lines.Length).Count(line => tokenizer.Decode(ids[line]) == texts[line]);
        tokenizer.EncodeTemplate(input.GetProperty("before").GetString()!); // code is compiled, and usual words are known
        var watch = Stopwatch.StartNew();
        var count = tokenizer.EncodeTemplate(prose).Count;
        var speed = count / watch.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"| {name} | {lines.Length - wrong.Count} of {lines.Length} | {read} of {lines.Length} | {speed:N0} | {expected.RootElement.GetProperty("speed").GetDouble():N0} |"
        );
        foreach (var line in wrong.Take(int.Parse(Environment.GetEnvironmentVariable("SHOW") ?? "0")))
        {
            Console.WriteLine(
                $"    {JsonSerializer.Serialize(lines[line], new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })}\n      {string.Join(' ', ids[line])}\n      {string.Join(' ', tokenizer.EncodeTemplate(lines[line]))}"
            );
        }
    }
    catch (WebTrainer.Protocol.ModelFileException exception)
    {
        Console.WriteLine($"| {name} | {exception.Message} | | | |");
    }
}
