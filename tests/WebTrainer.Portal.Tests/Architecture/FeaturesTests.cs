using System.Reflection;
using Mono.Cecil;

namespace WebTrainer.Portal.Tests.Architecture;

/// <summary>Which way references go inside the portal, and what it must never load.</summary>
public sealed class FeaturesTests
{
    private const string Root = "WebTrainer.Portal.";
    private const string Features = Root + "Features.";
    private const int Shown = 12;

    private static readonly Assembly s_portal = typeof(Program).Assembly;
    private static readonly Lazy<IReadOnlySet<CodeReference>> s_references = new(() => CodeReferences.Of(s_portal.Location));

    /// <summary>A circle between two features makes one of them: neither can be read, tested or taken out alone.</summary>
    [Fact]
    public void Features_ReferToEachOther_WithoutCircles()
    {
        var arrows = s_references
            .Value.Select(reference => (From: FeatureOf(reference.From), To: FeatureOf(reference.To), Reference: reference))
            .Where(arrow => arrow.From is not null && arrow.To is not null && arrow.From != arrow.To)
            .ToList();
        var left = arrows.SelectMany(arrow => (string[])[arrow.From!, arrow.To!]).ToHashSet();
        while (left.FirstOrDefault(one => !arrows.Any(arrow => arrow.From == one && left.Contains(arrow.To!))) is { } lowest)
        {
            left.Remove(lowest);
        }

        var inCircles = arrows
            .Where(arrow => left.Contains(arrow.From!) && left.Contains(arrow.To!))
            .GroupBy(arrow => $"{arrow.From} → {arrow.To}")
            .OrderBy(group => group.Count())
            .Select(group => $"{group.Key}: {string.Join("; ", group.Select(arrow => arrow.Reference).Take(Shown))}");
        Assert.True(left.Count == 0, $"Features refer to each other in circles:\n{string.Join('\n', inCircles)}");
    }

    /// <summary>Access, shared components and hosting are what features stand on.</summary>
    [Fact]
    public void Ground_RefersToNoFeature()
    {
        // Where all is put together: the program, its services, and what frames every page.
        string[] roots = [Root + "Program", Root + "Hosting.PortalServices", Root + "Hosting.PortalEndpoints"];
        var wrong = s_references.Value.Where(reference =>
            reference.From.StartsWith(Root, StringComparison.Ordinal)
            && FeatureOf(reference.From) is null
            && FeatureOf(reference.To) is not null
            && !roots.Contains(reference.From)
        );
        Assert.True(!wrong.Any(), $"The ground refers to features:\n{string.Join('\n', wrong)}");
    }

    /// <summary>A crash of native code, or memory that a model takes, must end a worker and never the site.</summary>
    [Fact]
    public void Portal_LoadsNoTorch()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>([s_portal.Location]);
        while (next.TryDequeue(out var path))
        {
            using var assembly = ModuleDefinition.ReadModule(path);
            foreach (var name in assembly.AssemblyReferences.Select(reference => reference.Name).Where(seen.Add))
            {
                var beside = Path.Combine(AppContext.BaseDirectory, name + ".dll");
                if (File.Exists(beside))
                {
                    next.Enqueue(beside);
                }
            }
        }

        Assert.Contains("WebTrainer.Jobs", seen);
        Assert.DoesNotContain(seen, name => name is "TorchSharp" or "WebTrainer.Learning" or "WebTrainer.Worker");
    }

    /// <summary>The entities' rules stand on the runtime alone.</summary>
    [Fact]
    public void Domain_RefersToTheRuntimeOnly()
    {
        using var domain = ModuleDefinition.ReadModule(typeof(Domain.Runs.Run).Assembly.Location);
        Assert.All(domain.AssemblyReferences, reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));
    }

    private static string? FeatureOf(string type) =>
        type.StartsWith(Features, StringComparison.Ordinal) ? type[Features.Length..].Split('.')[0] : null;
}
