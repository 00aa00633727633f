using System.Text;

namespace WebTrainer.ModelBenchmarks;

/// <summary>The same lines at each call, in kinds of text that tokenizers cut differently.</summary>
internal static class Lines
{
    private const int OfKind = 20,
        Seed = 15;

    /// <summary>Words, or parts of words, of each kind; lines are strings of them.</summary>
    private static readonly (string Kind, string[] Parts, string Between)[] s_kinds =
    [
        (
            "English",
            [
                "The",
                "card",
                "wasn't",
                "lost",
                "I've",
                "they'LL",
                "refund",
                "don't",
                "exchange",
                "RATE",
                "of",
                "naïve",
                "café",
                "it's",
                "unbelievable",
                ".",
            ],
            " "
        ),
        (
            "capitals and camels",
            ["HelloWorld", "XMLHttpRequest", "iPhone", "McDonald", "ALLCAPS", "snake_case", "kebab-case", "B2B", "don'T"],
            " "
        ),
        (
            "code",
            [
                "def f(x):",
                "\n    ",
                "return x**2",
                "\t",
                "if (a[i] != 0x1F)",
                "{",
                "}",
                ";",
                "//",
                "/* a */",
                "->",
                "=>",
                "&&",
                "::",
                "\r\n",
                "#include <a.h>",
                "$x",
                "@y",
                "\\n",
            ],
            ""
        ),
        (
            "numbers",
            ["1", "12", "123", "1234", "1234567", "3.14159", "1,000,000", "½", "²", "٣٤٥", "१२३", "Ⅷ", "①", "-5e10", "0xFF", "50%"],
            " "
        ),
        (
            "white space",
            [" ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\u00A0", "\u3000", "\u2003", "\u200B", "\u0085", "a", "b.", "    c"],
            ""
        ),
        (
            "signs",
            [
                "!",
                "!!",
                "...",
                "…",
                "—",
                "–",
                "“a”",
                "‘b’",
                "«c»",
                "()",
                "[]",
                "{}",
                "<>",
                "&",
                "|",
                "~",
                "`",
                "^",
                "+=",
                "€5",
                "£",
                "₿",
                "©",
                "™",
                "¿",
                "、",
                "。",
            ],
            ""
        ),
        ("Latin with marks", ["Straße", "Dvořák", "Nguyễn", "Åse", "İstanbul", "ığdır", "Þór", "œuvre", "ĳs", "ﬁn", "ﬀ", "ŉ"], " "),
        (
            "decomposed letters",
            [
                "e\u0301te\u0301",
                "n\u0303",
                "A\u030A",
                "o\u0302\u0301",
                "u\u0308ber",
                "s\u0323\u0307",
                "q\u0307\u0323",
                "\u1100\u1161\u11A8",
                "か\u3099",
                "\u0301a",
            ],
            " "
        ),
        ("Cyrillic and Greek", ["Привет", "мир", "ёлка", "Україна", "ѣ", "Ελλάδα", "σίγμας", "Ἀθῆναι", "ΟΔΟΣ"], " "),
        ("Persian and Arabic", ["می‌خواهم", "کتاب", "سلام", "دنیا", "اللُّغَة", "العربية", "پژوهش", "ه‍", "؟", "،", "۱۲۳۴", "لا"], " "),
        ("Hebrew and Indic", ["שָׁלוֹם", "עולם", "नमस्ते", "क्ष", "हिन्दी", "தமிழ்", "కర్డు", "বাংলা", "ਪੰਜਾਬੀ", "සිංහල"], " "),
        ("Thai, Khmer, Burmese", ["สวัสดี", "ภาษาไทย", "ก็", "ភាសាខ្មែរ", "မြန်မာ", "ລາວ", "བོད"], ""),
        (
            "Chinese and Japanese",
            ["北京", "大学", "东京", "タワー", "ひらがな", "漢字", "〇", "ー", "々", "「引用」", "ｶﾅ", "１２３", "ＡＢＣ", "龘", "、"],
            ""
        ),
        ("Korean", ["안녕하세요", "한국어", "ㅋㅋㅋ", "서울", "뷁"], " "),
        ("beyond the basic plane", ["𝐀𝐁𝐂", "𝒳", "𠮷野", "𠀀", "𞤀𞤣", "𝟙𝟚𝟛", "𐍈", "🀄", "𓀀", "𑀅", "a𝐀b", "1𝟙2"], " "),
        ("emoji", ["🙂", "👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "❤️", "☃", "🏳️‍🌈", "1️⃣", "🤷🏻‍♀️", "😀😀"], ""),
        (
            "control tokens as words",
            ["<s>", "</s>", "<|im_end|>", "<|endoftext|>", "<bos>", "[INST]", "<0x41>", "<unk>", "<|eot_id|>", "<pad>", "< s >"],
            " "
        ),
        ("signs of spaces", ["▁", "▁▁", "▁a", "a▁b", "Ġ", "Ċx", "Ã©", "##ing", "@@"], " "),
        (
            "addresses",
            [
                "https://example.org/a?b=c&d=%20#e",
                "user.name+tag@example.co.uk",
                "C:\\Users\\x",
                "/usr/lib/a.so.6",
                "192.168.0.1",
                "2026-11-29T01:43:53Z",
            ],
            " "
        ),
        (
            "controls and rare",
            ["\u0001", "\u001B[0m", "\uFEFF", "\uFFFD", "\u00AD", "\u200D", "\u2028", "\uE000", "\u0378", "\u007F", "x"],
            ""
        ),
    ];

    public static string[] All()
    {
        var random = new Random(Seed);
        string Line(string[] parts, string between) =>
            string.Join(between, Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)]));
        var lines = s_kinds.SelectMany(kind => Enumerable.Range(0, OfKind).Select(_ => Line(kind.Parts, kind.Between))).ToList();
        string[] all = [.. s_kinds.SelectMany(kind => kind.Parts)];
        lines.AddRange(Enumerable.Range(0, 2 * OfKind).Select(_ => Line(all, "")));
        lines.AddRange(
            new[] { "a", " ", "▁", "aa", "ab", "\n", "ハ", "é", "0", "!?" }.Select(part =>
                new StringBuilder().Insert(0, part, 150).ToString()
            )
        );
        return [.. lines.Append("").Distinct()];
    }

    /// <summary>Prose of so many characters, to measure speed on.</summary>
    public static string Prose(int characters, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        while (text.Length < characters)
        {
            var parts = random.Next(10) < 8 ? s_kinds[0].Parts : s_kinds[random.Next(s_kinds.Length)].Parts;
            text.Append(parts[random.Next(parts.Length)]).Append(random.Next(12) == 0 ? ".\n" : " ");
        }

        return text.ToString();
    }
}
