namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>Takes personal data and secrets out of texts that are kept beside a dataset, such as what was asked of an endpoint.</summary>
public sealed class TextMask
{
    private readonly Masking _masking;

    /// <param name="region">Country of phone numbers without a prefix, by its two letters; ZZ finds only those with one.</param>
    public TextMask(string region = "ZZ") =>
        _masking = new Masking(
            [
                .. new[]
                {
                    PersonalKind.Email,
                    PersonalKind.Iban,
                    PersonalKind.Card,
                    PersonalKind.Crypto,
                    PersonalKind.Ip,
                    PersonalKind.IranId,
                    PersonalKind.IranLegalId,
                    PersonalKind.IranPostalCode,
                    PersonalKind.IranPlate,
                    PersonalKind.UsSsn,
                    PersonalKind.Phone,
                }.Select(kind => PersonalFinders.Of(kind, region)),
                .. SecretFinders.All,
            ],
            MaskAction.Mask,
            key: ""
        );

    /// <returns>The text with each finding's kind in its place: <c>[EMAIL]</c>.</returns>
    public string Of(string text) => _masking.Map(text);
}
