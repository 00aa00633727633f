namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>
/// Python's methods of texts, maps and lists; those that would change one are not there, as in Jinja2's immutable sandbox.
/// </summary>
internal static class Methods
{
    /// <returns>Null where the value has no such method.</returns>
    public static Callable? Of(object? value, string name) =>
        value switch
        {
            string text => OfText(text, name),
            PythonMap map => OfMap(map, name),
            PythonList list => OfList(list, name),
            _ => null,
        };

    private static Callable? OfMap(PythonMap map, string name) =>
        name switch
        {
            "get" => arguments =>
                map.TryGet(arguments.Placed.Count > 0 ? arguments.Placed[0] : throw Missing(name), out var value)
                    ? value
                    : arguments.Get(1, "default"),
            "items" => _ => new MapView("items", [.. map.Items]),
            "keys" => _ => new MapView("keys", [.. map.Keys]),
            "values" => _ => new MapView("values", [.. map.Values]),
            "copy" => _ => map,
            _ => null,
        };

    private static Callable? OfList(PythonList list, string name) =>
        name switch
        {
            "index" => arguments =>
            {
                var place = list.Items.TakeWhile(item => !Python.AreEqual(item, arguments.Get(0, ""))).Count();
                return place < list.Items.Count
                    ? (long)place
                    : throw new TemplateException("A list doesn't hold what its place is asked of.");
            },
            "count" => arguments => (long)list.Items.Count(item => Python.AreEqual(item, arguments.Get(0, ""))),
            "copy" when !list.IsTuple => _ => list,
            _ => null,
        };

    private static Callable? OfText(string text, string name) =>
        name switch
        {
            "upper" => _ => PythonText.Upper(text),
            "lower" => _ => PythonText.Lower(text),
            "casefold" => _ => PythonText.Lower(text).Replace("ß", "ss", StringComparison.Ordinal),
            "title" => _ => PythonText.Title(text),
            "capitalize" => _ => PythonText.Capitalize(text),
            "swapcase" => _ =>
                string.Concat(text.Select(sign => char.IsUpper(sign) ? char.ToLowerInvariant(sign) : char.ToUpperInvariant(sign))),
            "strip" => arguments => PythonText.Strip(text, Signs(arguments), left: true, right: true),
            "lstrip" => arguments => PythonText.Strip(text, Signs(arguments), left: true, right: false),
            "rstrip" => arguments => PythonText.Strip(text, Signs(arguments), left: false, right: true),
            "split" => arguments => TextParts.Split(text, arguments),
            "rsplit" => arguments => TextParts.SplitFromRight(text, arguments),
            "splitlines" => _ => TextParts.Lines(text),
            "partition" => arguments =>
                TextParts.Partition(text, arguments.Text(0, "sep"), text.IndexOf(arguments.Text(0, "sep"), StringComparison.Ordinal)),
            "rpartition" => arguments => TextParts.PartitionFromRight(text, arguments.Text(0, "sep")),
            "startswith" => arguments => Affixes(arguments).Any(part => text.StartsWith(part, StringComparison.Ordinal)),
            "endswith" => arguments => Affixes(arguments).Any(part => text.EndsWith(part, StringComparison.Ordinal)),
            "removeprefix" => arguments =>
                text.StartsWith(arguments.Text(0, "prefix"), StringComparison.Ordinal) ? text[arguments.Text(0, "prefix").Length..] : text,
            "removesuffix" => arguments =>
                arguments.Text(0, "suffix") is { Length: > 0 } end && text.EndsWith(end, StringComparison.Ordinal)
                    ? text[..^end.Length]
                    : text,
            "replace" => arguments =>
                TextParts.Replace(text, arguments.Text(0, "old"), arguments.Text(1, "new"), arguments.Number(2, "count", -1)),
            "join" => arguments => Join(text, arguments.Get(0, "iterable")),
            "find" => arguments => PlaceIn(text, text.IndexOf(arguments.Text(0, "sub"), StringComparison.Ordinal)),
            "rfind" => arguments => PlaceIn(text, text.LastIndexOf(arguments.Text(0, "sub"), StringComparison.Ordinal)),
            "index" => arguments =>
                PlaceIn(text, text.IndexOf(arguments.Text(0, "sub"), StringComparison.Ordinal)) is >= 0 and var place
                    ? place
                    : throw new TemplateException("A text doesn't hold what its place is asked of."),
            "count" => arguments => Count(text, arguments.Text(0, "sub")),
            "format" => arguments => TextFormat.Braces(text, arguments),
            "ljust" => arguments => Pad(text, arguments, left: false, right: true),
            "rjust" => arguments => Pad(text, arguments, left: true, right: false),
            "center" => arguments => Pad(text, arguments, left: true, right: true),
            "zfill" => arguments =>
                text.StartsWith('-') ? "-" + text[1..].PadLeft(Width(arguments) - 1, '0') : text.PadLeft(Width(arguments), '0'),
            _ => OfKinds(text, name),
        };

    private static Callable? OfKinds(string text, string name)
    {
        bool All(Func<char, bool> holds) => text.Length > 0 && text.All(holds);
        bool Cased(Func<char, bool> wrong, Func<char, bool> right) => !text.Any(wrong) && text.Any(right);
        return name switch
        {
            "isdigit" => _ => All(char.IsDigit),
            "isnumeric" => _ => All(char.IsNumber),
            "isdecimal" => _ => All(char.IsDigit),
            "isalpha" => _ => All(char.IsLetter),
            "isalnum" => _ => All(char.IsLetterOrDigit),
            "isspace" => _ => All(PythonText.IsSpace),
            "isupper" => _ => Cased(char.IsLower, char.IsUpper),
            "islower" => _ => Cased(char.IsUpper, char.IsLower),
            "isascii" => _ => text.All(char.IsAscii),
            _ => null,
        };
    }

    public static string Join(string sign, object? items)
    {
        string[] parts =
        [
            .. Python
                .Items(items)
                .Select(item => item as string ?? throw new TemplateException($"Only texts are joined, not {Python.KindOf(item)}.")),
        ];
        Budget.Check(parts.Sum(part => (double)part.Length + sign.Length));
        return string.Join(sign, parts);
    }

    private static string? Signs(CallArguments arguments) => arguments.Get(0, "chars") is null ? null : arguments.Text(0, "chars");

    private static IEnumerable<string> Affixes(CallArguments arguments) =>
        arguments.Get(0, "prefix") is PythonList { IsTuple: true } several ? several.Items.OfType<string>() : [arguments.Text(0, "prefix")];

    /// <summary>Places are counted in whole characters.</summary>
    private static long PlaceIn(string text, int at) => at < 0 ? -1 : PythonText.Length(text[..at]);

    private static long Count(string text, string part)
    {
        if (part.Length == 0)
        {
            return PythonText.Length(text) + 1;
        }

        var count = 0L;
        for (
            var at = text.IndexOf(part, StringComparison.Ordinal);
            at >= 0;
            at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal)
        )
        {
            count++;
        }

        return count;
    }

    private static int Width(CallArguments arguments)
    {
        var width = arguments.Number(0, "width", 0);
        Budget.Check(width);
        return (int)Math.Max(0, width);
    }

    private static string Pad(string text, CallArguments arguments, bool left, bool right)
    {
        var (missing, sign) = (Width(arguments) - PythonText.Length(text), arguments.Text(1, "fillchar", " "));
        if (missing <= 0)
        {
            return text;
        }

        // Of an odd number the spare one stands where Python puts it: to the left of an even width's text only.
        var before =
            !left ? 0
            : !right ? missing
            : (missing / 2) + (missing & Width(arguments) & 1);
        return string.Concat(Enumerable.Repeat(sign, before)) + text + string.Concat(Enumerable.Repeat(sign, missing - before));
    }

    private static TemplateException Missing(string name) => new($"'{name}' is called without what it needs.");
}
