using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace WebTrainer.Pipeline.Cleaning.Finders;

/// <summary>Addresses of machines: IPv4 and IPv6, with a zone or the size of a network after them.</summary>
internal sealed partial class AddressFinder : IFinder
{
    private const int MostV4Bits = 32;
    private const int MostV6Bits = 128;

    public string Name => "IP";

    public IEnumerable<Found> Find(string text)
    {
        var found = new List<Found>();
        if (text.Contains(':', StringComparison.Ordinal))
        {
            foreach (Match match in V6().Matches(text))
            {
                if (V6Of(text, match) is { } address)
                {
                    found.Add(address);
                }
            }
        }

        if (!Quick.HasDigits(text, 4) || !text.Contains('.', StringComparison.Ordinal))
        {
            return found;
        }

        foreach (Match match in V4().Matches(text))
        {
            var address = WithBits(text, new Found(match.Index, match.Index + match.Length), MostV4Bits);
            if (!found.Exists(f => f.Start < address.End && address.Start < f.End))
            {
                found.Add(address);
            }
        }

        return found.OrderBy(f => f.Start);
    }

    private static Found? V6Of(string text, Match match)
    {
        // A full stop or colon after it ends the sentence; two colons may be its own.
        var address = match.Value.TrimEnd('.');
        if (address.EndsWith(':') && !address.EndsWith("::", StringComparison.Ordinal))
        {
            address = address[..^1];
        }

        if (address.Count(c => c == ':') < 2)
        {
            return null;
        }

        if (!IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }

        return WithBits(text, new Found(match.Index, match.Index + address.Length), MostV6Bits);
    }

    private static Found WithBits(string text, Found address, int most)
    {
        var end = address.End + 1;
        if (address.End >= text.Length || text[address.End] != '/')
        {
            return address;
        }

        while (end < text.Length && end < address.End + 4 && char.IsAsciiDigit(text[end]))
        {
            end++;
        }
        // As many digits as make a size: of /123 after an IPv4 address none do, and the address stands alone.
        var isSize = int.TryParse(text.AsSpan(address.End + 1, end - address.End - 1), out var bits) && bits <= most;
        return isSize && (end == text.Length || !char.IsLetterOrDigit(text[end])) ? address with { End = end } : address;
    }

    [GeneratedRegex(
        @"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w)",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex V4();

    [GeneratedRegex(
        @"(?<![\w:.])(?=[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:)[0-9A-Fa-f:.]+(?:%\w+)?(?!\w)",
        RegexOptions.CultureInvariant,
        PatternFinder.TimeoutMilliseconds
    )]
    private static partial Regex V6();
}
