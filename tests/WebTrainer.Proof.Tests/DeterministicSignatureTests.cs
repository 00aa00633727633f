using System.Security.Cryptography;

namespace WebTrainer.Proof.Tests;

public sealed class DeterministicSignatureTests
{
    /// <summary>RFC 6979, A.2.5: P-256 and SHA-256.</summary>
    [Theory]
    [InlineData(
        "sample",
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )]
    [InlineData(
        "test",
        "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
        "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
    )]
    public void Sign_VectorsOfTheRfc_AreEqual(string message, string r, string s)
    {
        using var key = ECDsa.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                D = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
                Q = new ECPoint
                {
                    X = Convert.FromHexString("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"),
                    Y = Convert.FromHexString("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"),
                },
            }
        );
        var content = System.Text.Encoding.ASCII.GetBytes(message);
        var signature = DeterministicSignature.Sign(key, content);
        Assert.Equal(DeterministicSignature.ToDer(Convert.FromHexString(r + s)), signature);
        Assert.True(key.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    [Fact]
    public void SignAgain_TheSameContent_HasTheSameSignature_WhichOthersVerify()
    {
        using var keys = ProofKeys.Create();
        var signature = keys.SignAgain("a list"u8);
        Assert.Equal(signature, keys.SignAgain("a list"u8));
        Assert.NotEqual(signature, keys.SignAgain("another"u8));
        using var verifier = ECDsa.Create();
        verifier.ImportFromPem(keys.PublicKeyPem);
        Assert.True(verifier.VerifyData("a list"u8, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }
}
