using System.Text.Json;
using WebTrainer.Protocol;

namespace WebTrainer.Tokenizing;

/// <summary>The last step of a <c>tokenizer.json</c>: the marks around and between texts.</summary>
internal static class TemplateReader
{
    private const int MaximumParts = 64;

    /// <returns>Null where the step puts no marks.</returns>
    /// <exception cref="ModelFileException">The step is of an unknown kind, or names a mark that it doesn't define.</exception>
    public static EncoderTemplate? Read(JsonElement step)
    {
        if (step.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var type = step.TryGetProperty("type", out var name) ? name.GetString() : null;
        return type switch
        {
            "BertProcessing" => EncoderTemplate.Bert(MarkOf(step, "cls"), MarkOf(step, "sep")),
            "RobertaProcessing" => EncoderTemplate.Roberta(MarkOf(step, "cls"), MarkOf(step, "sep")),
            "TemplateProcessing" => new(Parts(step, "single"), Parts(step, "pair")),
            "Sequence" => step.GetProperty("processors").EnumerateArray().Select(Read).OfType<EncoderTemplate>().LastOrDefault(),
            "ByteLevel" => null,
            _ => throw new ModelFileException($"The tokenizer's post-processor '{type}' is not known here."),
        };
    }

    /// <summary>Written <c>["[SEP]", 102]</c>.</summary>
    private static int MarkOf(JsonElement step, string name) => TokenizerFile.CheckedId(step.GetProperty(name)[1].GetInt32());

    private static List<TemplatePart> Parts(JsonElement step, string name)
    {
        var parts = new List<TemplatePart>();
        foreach (var part in step.GetProperty(name).EnumerateArray())
        {
            if (parts.Count == MaximumParts)
            {
                throw new ModelFileException($"The tokenizer's post-processor has more than {MaximumParts} parts.");
            }

            parts.Add(PartOf(step, part));
        }

        return parts;
    }

    private static TemplatePart PartOf(JsonElement step, JsonElement part)
    {
        if (part.TryGetProperty("Sequence", out var sequence))
        {
            return new(sequence.GetProperty("id").GetString() == "A" ? 0 : 1, [], sequence.GetProperty("type_id").GetInt32());
        }

        var mark = part.GetProperty("SpecialToken");
        var ids = step.GetProperty("special_tokens").GetProperty(mark.GetProperty("id").GetString()!).GetProperty("ids");
        return new(
            null,
            [.. ids.EnumerateArray().Take(MaximumParts).Select(id => TokenizerFile.CheckedId(id.GetInt32()))],
            mark.GetProperty("type_id").GetInt32()
        );
    }
}
