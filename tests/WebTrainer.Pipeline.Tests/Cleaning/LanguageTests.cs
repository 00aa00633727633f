using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Languages;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Rows;
using WebTrainer.Pipeline.Tests.Support;

namespace WebTrainer.Pipeline.Tests.Cleaning;

/// <summary>
/// Short texts of real datasets stay where they are in the language that is wanted, and those of other languages are found among them.
/// </summary>
[Trait("Category", "Slow")]
public sealed class LanguageTests : IDisposable
{
    private static readonly (string Language, string Text)[] s_requests =
    [
        ("de", "Wo bleibt meine neue Karte?"),
        ("de", "Ich habe mein Passwort vergessen"),
        ("de", "Bitte sperren Sie mein Konto sofort"),
        ("fr", "Où est passée ma nouvelle carte ?"),
        ("fr", "J'ai oublié mon mot de passe"),
        ("fr", "Veuillez bloquer mon compte tout de suite"),
        ("es", "¿Dónde está mi tarjeta nueva?"),
        ("es", "He olvidado mi contraseña otra vez"),
        ("es", "Quiero cancelar la transferencia de ayer"),
        ("it", "Ho dimenticato la mia password"),
        ("it", "Perché il pagamento non è andato a buon fine?"),
        ("pt", "Esqueci a minha palavra-passe"),
        ("pt", "Não consigo aceder à minha conta"),
        ("nl", "Waar blijft mijn nieuwe betaalkaart?"),
        ("nl", "Ik ben mijn wachtwoord vergeten"),
        ("sv", "Jag har glömt mitt lösenord igen"),
        ("da", "Jeg har glemt min adgangskode igen"),
        ("pl", "Zapomniałem hasła do konta"),
        ("cs", "Zapomněl jsem heslo ke svému účtu"),
        ("ro", "Mi-am uitat parola de la cont"),
        ("hu", "Elfelejtettem a jelszavamat"),
        ("fi", "Unohdin tilini salasanan taas"),
        ("tr", "Hesabımın şifresini unuttum"),
        ("vi", "Tôi quên mật khẩu tài khoản rồi"),
        ("id", "Saya lupa kata sandi akun saya"),
        ("fa", "رمز عبور حسابم را فراموش کردم"),
        ("ar", "نسيت كلمة المرور الخاصة بي"),
        ("he", "שכחתי את הסיסמה לחשבון שלי"),
        ("ru", "Я забыл пароль от своего аккаунта"),
        ("uk", "Я забув пароль від свого облікового запису"),
        ("el", "Ξέχασα τον κωδικό του λογαριασμού μου"),
        ("hi", "मैं अपना पासवर्ड भूल गया"),
        ("zh", "我忘记了我的账户密码"),
        ("ja", "口座のパスワードを忘れました"),
        ("ko", "계정 비밀번호를 잊어버렸습니다"),
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => Xunit.TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Apply_EnglishRequests_AllButFewStay()
    {
        await AssertNearlyAllStayAsync(BankRequests(), "en", most: 0.001);
        await AssertNearlyAllStayAsync(Messages(), "en", most: 0.005);
    }

    [Fact]
    public async Task Apply_PersianRequests_AllButFewStay()
    {
        await AssertNearlyAllStayAsync(
            [.. File.ReadLines(RealData.File("sib200_fa", "train.tsv").Path).Skip(1).Select(l => l.Split('\t')[2])],
            "fa",
            most: 0.005
        );
        await AssertNearlyAllStayAsync(
            [.. File.ReadLines(RealData.File("massive_fa_500", "train.csv").Path).Skip(1).Select(l => l.Split(',')[1])],
            "fa",
            most: 0.01
        );
    }

    [Fact]
    public async Task Apply_ForeignRequestsAmongEnglishOnes_AreSetAside()
    {
        var english = BankRequests().Take(1_500).ToList();
        var (aside, _) = await CleanAsync(
            new LanguageStep { Languages = ["en"], LeastCharacters = 10 },
            [.. english, .. s_requests.Select(r => r.Text)]
        );
        var found = aside.Where(i => i >= english.Count).Select(i => s_requests[i - english.Count]).ToList();
        var lost = s_requests.Except(found).ToList();
        Assert.True(lost.Count <= 3, string.Join('\n', lost));
        Assert.True(aside.Count - found.Count <= 1);
    }

    /// <summary>Of a language that the data clearly has, less is enough.</summary>
    [Fact]
    public async Task Apply_LanguageThatTheDataHas_NeedsLessEvidence_AndTheNoteSaysWhich()
    {
        string[] danish =
        [
            "Hvorfor er min betaling ikke gået igennem endnu, og hvornår kommer den?",
            "Jeg vil gerne vide, hvornår mit nye kort bliver leveret til mig.",
            "Kan du fortælle mig, hvordan jeg ændrer min adgangskode?",
        ];
        var english = BankRequests().Take(100);
        const string Short = "Hvor er mit kort henne?";
        var (aside, note) = await CleanAsync(new LanguageStep { Languages = ["en"] }, [Short, .. danish, .. english]);
        Assert.Equal([0, 1, 2, 3], aside);
        Assert.Contains("English, Danish", note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_StatedLanguages_AreTheOnlyOnesToldApart()
    {
        string[] texts =
        [
            "Jeg har glemt min adgangskode igen",
            "Ich habe mein Passwort schon wieder vergessen",
            "I have forgotten my password again",
            "Я забыл пароль от своего аккаунта",
        ];
        var (aside, _) = await CleanAsync(new LanguageStep { Languages = ["en"], Among = ["de"] }, texts);
        Assert.Contains(1, aside);
        Assert.DoesNotContain(2, aside);
        Assert.Contains(3, aside); // of no letter that they have
        Assert.Contains("xx", new LanguageStep { Among = ["xx"] }.Fault(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("I am still waiting on my card?")]
    [InlineData("Watching telugu movie..wat abt u?")]
    [InlineData("See https://www.deutsche-bahn.de/fahrplan or write to kundendienst@bahn.de")]
    public async Task Apply_TextThatShowsLittle_Stays(string text) => Assert.Empty((await CleanAsync(new LanguageStep(), [text])).Aside);

    [Fact]
    public async Task Profile_OfEnglishMessages_IsEnglish_AndForeignOnesAreTold()
    {
        var messages = Messages();
        var version = await _folder.WriteAsync(
            [.. Rows([.. messages, .. s_requests.Where(r => r.Language is "de" or "fa").Select(r => r.Text)])],
            "profile"
        );
        var profile = await new LanguageShares(new ImportLimits()).MeasureAsync(version.Path, Ct);
        var judged = profile.Languages.Where(l => l.Language is not null).ToList();
        Assert.Equal("en", judged[0].Language);
        Assert.True(
            judged.Skip(1).Sum(l => l.Positions.Count(p => p < messages.Count)) < 0.005 * messages.Count,
            string.Join(' ', judged.Select(l => $"{l.Language} {l.Positions.Count}"))
        );
        Assert.Contains(judged, l => l.Language == "fa" && l.Positions.Contains(messages.Count + 3));
        Assert.Equal(profile.RowsLookedAt, profile.Languages.Sum(l => l.Positions.Count));
    }

    private static List<string> BankRequests()
    {
        using var parser = new Microsoft.VisualBasic.FileIO.TextFieldParser(RealData.File("banking77", "train.csv").Path);
        parser.SetDelimiters(",");
        var texts = new List<string>();
        while (parser.ReadFields() is { } fields)
        {
            texts.Add(fields[0]);
        }

        return [.. texts.Skip(1).Where((_, i) => i % 3 == 0)];
    }

    private static List<string> Messages() =>
        [
            .. File.ReadLines(RealData.File("sms_spam", "sms.tsv").Path)
                .Select(l => l.Split('\t'))
                .Where(l => l.Length > 1)
                .Select(l => l[1]),
        ];

    private async Task AssertNearlyAllStayAsync(IReadOnlyList<string> texts, string language, double most)
    {
        var (aside, _) = await CleanAsync(new LanguageStep { Languages = [language] }, texts);
        TestContext.Current.TestOutputHelper?.WriteLine($"{language}: {aside.Count} of {texts.Count}");
        Assert.True(
            aside.Count <= most * texts.Count,
            $"{aside.Count} of {texts.Count}:\n" + string.Join('\n', aside.Take(30).Select(i => texts[i]))
        );
    }

    private async Task<(List<int> Aside, string? Note)> CleanAsync(LanguageStep step, IReadOnlyList<string> texts)
    {
        var version = await _folder.WriteAsync(Rows(texts), Guid.NewGuid().ToString("N"));
        var report = await new Cleaner().ApplyAsync(
            version.Path,
            new CleanRecipe { Steps = [step] },
            _folder.At(Guid.NewGuid().ToString("N")),
            cancellationToken: Ct
        );
        var stayed = (await report.Version.RowsAsync()).Select(r => (int)r.Line - 1).ToHashSet();
        return ([.. Enumerable.Range(0, texts.Count).Where(i => !stayed.Contains(i))], report.Steps[0].Note);
    }

    private static IEnumerable<CanonicalRow> Rows(IReadOnlyList<string> texts) =>
        texts.Select((text, i) => CanonicalRow.Create(Generated.Id(i), i + 1, system: null, text, response: null));
}
