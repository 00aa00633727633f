using System.Security.Cryptography;

namespace WebTrainer.Proof;

/// <summary>
/// AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits for each message: one key holds for 2³² messages. Who deletes the key
/// erases what was encrypted by it. Safe for threads.
/// </summary>
/// <param name="key"><see cref="KeyBytes"/> of them.</param>
public sealed class DetailCipher(byte[] key)
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;
    private const int NonceBytes = 12,
        TagBytes = 16;

    /// <summary>A key from the system's random numbers.</summary>
    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyBytes);

    /// <param name="plain">What is to be hidden.</param>
    /// <param name="context">What it belongs to: it is decrypted with the same alone.</param>
    /// <returns>Nonce, ciphertext and tag, 28 bytes more than the text.</returns>
    public byte[] Encrypt(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> context)
    {
        var message = new byte[NonceBytes + plain.Length + TagBytes];
        var nonce = message.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, plain, message.AsSpan(NonceBytes, plain.Length), message.AsSpan(NonceBytes + plain.Length), context);
        return message;
    }

    /// <exception cref="CryptographicException">It was encrypted by another key, for something else, or has been changed since.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> message, ReadOnlySpan<byte> context)
    {
        if (message.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException(
                $"An encrypted message has at least {NonceBytes + TagBytes} bytes, this one {message.Length}."
            );
        }

        var plain = new byte[message.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(message[..NonceBytes], message[NonceBytes..^TagBytes], message[^TagBytes..], plain, context);
        return plain;
    }
}
