using CsCheck;
using WebTrainer.Pipeline.Cleaning.Finders;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

/// <summary>Against the cases that Presidio tests its recognizers with.</summary>
public sealed class FinderTests
{
    [Theory]
    [InlineData("email", PersonalKind.Email)]
    [InlineData("credit_card", PersonalKind.Card)]
    [InlineData("iban", PersonalKind.Iban)]
    [InlineData("ip", PersonalKind.Ip)]
    [InlineData("url", PersonalKind.Url)]
    [InlineData("crypto", PersonalKind.Crypto)]
    [InlineData("us_ssn", PersonalKind.UsSsn)]
    [InlineData("us_bank", PersonalKind.BankAccount)]
    public void Finder_FindsWhatPresidioFinds(string recognizer, PersonalKind kind)
    {
        var finder = PersonalFinders.Of(kind);
        var cases = Gold.Cases("pii").Where(c => c.Text("recognizer") == recognizer).ToList();
        Assert.NotEmpty(cases);
        var wrong = new List<string>();
        foreach (var gold in cases)
        {
            var found = finder.Find(gold.Text("text")).Select(f => (f.Start, f.End)).ToList();
            var spans = gold.GetProperty("expected_spans").EnumerateArray()
                .Where(s => s.ValueKind == System.Text.Json.JsonValueKind.Array).Select(s => (s[0].GetInt32(), s[1].GetInt32())).ToList();
            if (found.Count != gold.GetProperty("expected_count").GetInt32() || (spans.Count > 0 && !spans.SequenceEqual(found)))
                wrong.Add($"{gold.Text("text")} → {string.Join(' ', found)}");
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases.Count}:\n{string.Join('\n', wrong)}");
    }

    [Theory]
    [InlineData(PersonalKind.Phone, "Call +49 30 901820 or 030 901820", "+49 30 901820")]
    [InlineData(PersonalKind.IranId, "کد ملی 0013542419 و 1111111111 و 0013542418", "0013542419")]
    [InlineData(PersonalKind.Date, "Born 1984-03-21, paid 12.5 and 3/4", "1984-03-21")]
    [InlineData(PersonalKind.Date, "On March 21st, 1984 it rained", "March 21st, 1984")]
    [InlineData(PersonalKind.Email, "نشانی: a.b+c@example.co.uk.", "a.b+c@example.co.uk")]
    [InlineData(PersonalKind.Url, "See (https://example.org/a?b=c).", "https://example.org/a?b=c")]
    [InlineData(PersonalKind.Url, "It ended.Then we left. e.g. this", null)]
    public void Finder_FindsNothingElse(PersonalKind kind, string text, string? expected)
    {
        var found = PersonalFinders.Of(kind).Find(text).Select(f => text.Substring(f.Start, f.Length));
        Assert.Equal(expected is null ? [] : [expected], found);
    }

    [Fact]
    public void PhoneFinder_OfACountry_FindsItsNumbersWithoutPrefix() =>
        Assert.Single(PersonalFinders.Of(PersonalKind.Phone, "DE").Find("Ruf 030 901820 an"));

    [Theory]
    [InlineData("key AKIAIOSFODNN7EXAMPLE here", "key [TOKEN] here")]
    [InlineData("password: hunter2hunter2, thanks", "password: [PASSWORD], thanks")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nafter", "[PRIVATE_KEY]\nafter")]
    [InlineData("The password is short, the secret: love", "The password is short, the secret: love")]
    public void Secrets_AreMasked(string text, string expected) =>
        Assert.Equal(expected, new Masking(SecretFinders.All, MaskAction.Mask, "").Map(text));

    [Fact]
    public void Replace_GivesTheSameValueTheSameName_AndAnotherUnderAnotherKey()
    {
        var emails = new[] { PersonalFinders.Of(PersonalKind.Email) };
        var masking = new Masking(emails, MaskAction.Replace, "k");
        var names = masking.Map("a@b.org b@b.org A@b.org").Split(' ');
        Assert.Equal(names[0], names[2]);
        Assert.NotEqual(names[0], names[1]);
        Assert.NotEqual(names[0], new Masking(emails, MaskAction.Replace, "other").Map("a@b.org"));
    }

    /// <summary>Texts made to be slow or to break positions.</summary>
    [Fact]
    public void Finders_OfAnyText_GiveOrderedPlacesInIt() =>
        Gen.Select(Gen.Enum<PersonalKind>(), Gen.String[Gen.Char["0123456789ab@.:/-+ ()AD\"'%\u06F1\uD83D"], 0, 200]).Sample((kind, text) =>
        {
            var end = 0;
            foreach (var found in PersonalFinders.Of(kind).Find(text))
            {
                if (found.Start < end || found.End <= found.Start || found.End > text.Length) return false;
                end = found.End;
            }

            return true;
        });

    [Theory]
    [InlineData("a")]
    [InlineData("1.")]
    [InlineData("a.")]
    [InlineData("a-")]
    [InlineData("1 ")]
    [InlineData(":1")]
    [InlineData("AD12 ")]
    public void Finders_OfALongTextMadeToBeSlow_TakeLittleTime(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 50_000)) + "@";
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var kind in Enum.GetValues<PersonalKind>().Where(k => k != PersonalKind.Phone)) _ = PersonalFinders.Of(kind).Find(text).Count();
        foreach (var secret in SecretFinders.All) _ = secret.Find(text).Count();
        Assert.True(clock.Elapsed.TotalSeconds < 10, $"It took {clock.Elapsed.TotalSeconds:0.0} s.");
    }
}
