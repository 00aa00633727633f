namespace WebTrainer.Tokenizing.Tests;

/// <summary>A byte-level vocabulary of a few words, learned in a moment.</summary>
internal static class SmallVocabulary
{
    public static BpeVocabulary Train() =>
        BpeTrainer.Train(
            ["the card was lost and the phone was lost too; refund the exchange rate lost_card refund_status exchange_rate"],
            320,
            SpecialTokens.All
        );
}
