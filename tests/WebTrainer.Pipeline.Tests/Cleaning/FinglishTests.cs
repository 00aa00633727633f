using WebTrainer.Pipeline.Cleaning.Languages;

namespace WebTrainer.Pipeline.Tests.Cleaning;

/// <summary>Persian in Latin letters, told apart from English and its neighbours.</summary>
public sealed class FinglishTests
{
    [Theory]
    [InlineData("salam khubi? chera kartam hanooz nayumade")]
    [InlineData("man mikham hesabam ro bebandam, chikar bayad bokonam")]
    [InlineData("pool be hesab nayumad, lotfan check konid")]
    [InlineData("ramzam ro faramush kardam, nemitunam vared besham")]
    [InlineData("chetori mitunam kart jadid begiram?")]
    [InlineData("in gheymat baraye chand mah hast?")]
    [InlineData("alan 3 rooz shode va hanooz javab nadadid")]
    [InlineData("kheyli mamnoon, moshkel hal shod")]
    [InlineData("mikhastam bedunam ke sefaresh man kojast")]
    [InlineData("nemidunam chera tarakonesh anjam nashod")]
    [InlineData("Salam, age mishe shomare tamas bedid")]
    [InlineData("farda miram bank ke kartam ro begiram")]
    public void PersianInLatinLetters_IsKnown(string text) =>
        Assert.Equal(Finglish.Code, TextLanguages.Likelihoods(text).MaxBy(l => l.Value).Key);

    [Theory]
    [InlineData("When will my new card arrive?")]
    [InlineData("I want to close my account, what should I do?")]
    [InlineData("The bad man in the pool had a bank card and no cash")]
    [InlineData("Are you able to tell me the exchange rate for today")]
    [InlineData("Min kort er ikke kommet ennå, kan du hjelpe meg")]
    [InlineData("Dov'è la mia carta? Non è ancora arrivata")]
    [InlineData("Kartım hâlâ gelmedi, ne yapmalıyım?")]
    [InlineData("Di mana kartu saya? Sudah tiga hari belum datang")]
    [InlineData("Hello")]
    [InlineData("")]
    public void OtherLanguages_AreNotTakenForIt(string text) => Assert.False(Finglish.IsIt(text));
}
