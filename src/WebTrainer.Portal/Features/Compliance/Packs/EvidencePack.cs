using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using WebTrainer.Proof;

namespace WebTrainer.Portal.Features.Compliance.Packs;

/// <summary>
/// Files for an auditor with a signed list of them. The same files give the same bytes: nothing is of the moment at which it was made.
/// </summary>
public sealed class EvidencePack
{
    public const string Manifest = "manifest.txt",
        Signature = "manifest.sig",
        Script = "verify.sh";

    // the least that the format can say; times of files would differ each time
    private static readonly DateTimeOffset s_noTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private const int Executable = 0x81ED << 16, // a regular file, rwxr-xr-x
        Readable = 0x81A4 << 16;

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <param name="name">For people; of the archive.</param>
    public EvidencePack(string name) => Name = name;

    public string Name { get; }

    /// <summary>The whole as one text of Markdown, which is also the page to print.</summary>
    public string Text { get; set; } = "";

    public IReadOnlyDictionary<string, byte[]> Files => _files;

    public void Add(string path, byte[] content) => _files[path] = content;

    public void Add(string path, string content) => Add(path, Encoding.UTF8.GetBytes(content));

    /// <summary>Signs the list of all files; none is added after it.</summary>
    /// <returns>The list's SHA-256.</returns>
    public string Sign(ProofKeys keys)
    {
        Add("public.pem", keys.PublicKeyPem + "\n");
        var manifest = Encoding.UTF8.GetBytes(
            string.Concat(_files.Select(f => $"{Convert.ToHexStringLower(SHA256.HashData(f.Value))}  {f.Key}\n"))
        );
        Add(Signature, keys.SignAgain(manifest));
        Add(Manifest, manifest);
        return Convert.ToHexStringLower(SHA256.HashData(manifest));
    }

    /// <returns>A ZIP archive.</returns>
    public byte[] ToZip()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (path, content) in _files)
            {
                var entry = archive.CreateEntry(path, CompressionLevel.Optimal);
                entry.LastWriteTime = s_noTime;
                entry.ExternalAttributes = path == Script ? Executable : Readable;
                using var body = entry.Open();
                body.Write(content);
            }
        }

        return bytes.ToArray();
    }
}
