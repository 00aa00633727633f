using System.Text;

namespace WebTrainer.Pipeline.Import;

/// <summary>Tells by their first bytes the files that people upload by mistake.</summary>
internal static class MagicBytes
{
    /// <summary>The container of old Office documents, and of new ones that are encrypted.</summary>
    private static readonly byte[] s_oldOffice = [0xD0, 0xCF, 0x11, 0xE0];

    private static readonly (byte[] Start, string Sentence)[] s_known =
    [
        ([0x50, 0x4B, 0x03, 0x04], "is a ZIP archive; unpack it and upload the files in it"),
        ([0x50, 0x4B, 0x05, 0x06], "is an empty ZIP archive"),
        ([0x1F, 0x8B], "is compressed with gzip; unpack it and upload the file in it"),
        ([0x42, 0x5A, 0x68], "is compressed with bzip2; unpack it and upload the file in it"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "is compressed with xz; unpack it and upload the file in it"),
        ([0x28, 0xB5, 0x2F, 0xFD], "is compressed with Zstandard; unpack it and upload the file in it"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "is a 7-Zip archive; unpack it and upload the files in it"),
        (Encoding.ASCII.GetBytes("Rar!"), "is a RAR archive; unpack it and upload the files in it"),
        (Encoding.ASCII.GetBytes("%PDF"), "is a PDF document; export its text as CSV or JSONL"),
        (Encoding.ASCII.GetBytes("PAR1"), "is a Parquet file; export it as CSV or JSONL"),
        (s_oldOffice, "is an old Office document; save it as CSV"),
        ([0xFF, 0xFE, 0x00, 0x00], "is encoded in UTF-32; save it as UTF-8"),
    ];

    /// <summary>What the file is, as the rest of a sentence; null where nothing speaks against text.</summary>
    /// <param name="chosen">The encoding that a person chose; null where nobody has.</param>
    public static string? Recognise(ReadOnlySpan<byte> head, string extension, TextEncoding? chosen = null)
    {
        foreach (var (start, sentence) in s_known)
        {
            if (!head.StartsWith(start))
            {
                continue;
            }

            if (head.StartsWith(s_oldOffice) && extension is "xlsx" or "xlsm" or "docx")
            {
                return $"is encrypted with a password. Save this {(extension == "docx" ? "document" : "workbook")} without one and upload it again";
            }

            return extension is "xlsx" or "docx" or "ods" ? "is an Office document; save it as CSV" : sentence;
        }

        var isUtf16 =
            chosen is TextEncoding.Utf16LittleEndian or TextEncoding.Utf16BigEndian
            || TextEncodings.Recognise(head).Encoding is TextEncoding.Utf16LittleEndian or TextEncoding.Utf16BigEndian;
        return !isUtf16 && LooksBinary(head) ? "is not a text file; upload JSONL, JSON, CSV or TSV in UTF-8" : null;
    }

    // One NUL may be a broken row; text has no further control characters in numbers.
    private static bool LooksBinary(ReadOnlySpan<byte> head)
    {
        var controls = 0;
        foreach (var b in head)
        {
            if (b < 0x20 && b is not ((byte)'\n' or (byte)'\r' or (byte)'\t' or 0x0C or 0x1B))
            {
                controls++;
            }
        }

        return controls > 2 && controls * 50 > head.Length;
    }
}
