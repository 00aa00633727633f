namespace WebTrainer.Domain.Datasets;

/// <summary>What may be done with the rows of a source.</summary>
/// <param name="License">An SPDX identifier such as <c>CC-BY-4.0</c>, or the terms in words; empty where nobody knows.</param>
/// <param name="Training">Whether models may be trained on it.</param>
/// <param name="Commercial">Whether what comes of it may be used commercially.</param>
/// <param name="Sharing">Whether rows may be given to others.</param>
/// <param name="ShareAlike">Whether what comes of it must have the same licence.</param>
/// <param name="Origin">Where it came from: an address, an agreement, a department.</param>
public sealed record SourceRights(
    string License = "",
    bool? Training = null,
    bool? Commercial = null,
    bool? Sharing = null,
    bool ShareAlike = false,
    string Origin = ""
)
{
    /// <summary>Of licence and origin each, in UTF-16 units.</summary>
    public const int MaxTextLength = 500;

    /// <exception cref="RuleViolationException">A text is too long.</exception>
    public void Check()
    {
        if (License is null || Origin is null || License.Length > MaxTextLength || Origin.Length > MaxTextLength)
        {
            throw new RuleViolationException($"Licence and origin have at most {MaxTextLength} characters each.");
        }
    }

    /// <summary>What common licences allow; null for others.</summary>
    public static SourceRights? OfLicense(string license) =>
        license.Trim().ToUpperInvariant() switch
        {
            "CC0-1.0" or "PDDL-1.0" or "MIT" or "APACHE-2.0" or "BSD-3-CLAUSE" or "CC-BY-4.0" or "CC-BY-3.0" or "CDLA-PERMISSIVE-2.0" =>
                new(license.Trim(), true, true, true),
            "CC-BY-SA-4.0" or "CC-BY-SA-3.0" or "ODBL-1.0" => new(license.Trim(), true, true, true, ShareAlike: true),
            "CC-BY-NC-4.0" => new(license.Trim(), true, false, true),
            "CC-BY-NC-SA-4.0" => new(license.Trim(), true, false, true, ShareAlike: true),
            "CC-BY-ND-4.0" => new(license.Trim(), null, true, true),
            _ => null,
        };

    /// <summary>What stands in the way of training on sources with these rights together, in sentences.</summary>
    public static IReadOnlyList<string> Conflicts(IReadOnlyCollection<(string Source, SourceRights? Rights)> sources)
    {
        var found = new List<string>();
        foreach (var (source, rights) in sources)
        {
            if (rights is null || rights.License.Length == 0)
            {
                found.Add($"Nobody has noted the licence of {source}.");
            }

            if (rights?.Training == false)
            {
                found.Add($"Models may not be trained on {source} ({rights.License}).");
            }
        }

        var alike = sources.Where(s => s.Rights?.ShareAlike == true).Select(s => s.Rights!.License).Distinct().ToList();
        if (alike.Count > 1)
        {
            found.Add($"{string.Join(" and ", alike)} each ask that what comes of them has their own licence; it can't have both.");
        }

        if (sources.Any(s => s.Rights?.Commercial == false) && sources.Any(s => s.Rights is { ShareAlike: true, Commercial: true }))
        {
            found.Add(
                "One source forbids commercial use, another asks for a licence that allows it: what comes of both can't be given on."
            );
        }
        else if (sources.FirstOrDefault(s => s.Rights?.Commercial == false) is { Source: not null } limited)
        {
            found.Add($"What is trained on {limited.Source} may not be used commercially ({limited.Rights!.License}).");
        }

        return found;
    }
}
