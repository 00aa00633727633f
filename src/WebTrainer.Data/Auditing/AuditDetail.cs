using System.Globalization;
using System.Text;
using WebTrainer.Domain.Audit;

namespace WebTrainer.Data.Auditing;

/// <summary>
/// Details of an entry as the database holds them: <c>enc1.KEY.BASE64</c>, KEY being the id of an <see cref="AuditKey"/>. Those of before
/// are JSON, which never begins so.
/// </summary>
internal static class AuditDetail
{
    private const string Prefix = "enc1.";

    public static bool IsEncrypted(string? text) => text is not null && text.StartsWith(Prefix, StringComparison.Ordinal);

    public static string Write(long keyId, byte[] message) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{keyId}.{Convert.ToBase64String(message)}");

    public static (long KeyId, byte[] Message)? Read(string text)
    {
        try
        {
            return text.Split('.') is [_, var key, var message] && long.TryParse(key, CultureInfo.InvariantCulture, out var id)
                ? (id, Convert.FromBase64String(message))
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>What details belong to: moved to another entry or side they can't be decrypted.</summary>
    public static byte[] Context(AuditEntry entry, bool isAfter) =>
        Encoding.UTF8.GetBytes(
            $"{entry.ProjectId}\n{entry.At.UtcTicks}\n{entry.Action}\n{entry.Subject}\n{(isAfter ? "after" : "before")}"
        );

    public static byte[] Context(Guid? projectId) => Encoding.UTF8.GetBytes($"key of {projectId}");
}
