using System.IO.Compression;
using WebTrainer.Domain;

namespace WebTrainer.Models.Tests;

public sealed class ModelArchiveTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("model-archive-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task FolderInAnArchive_IsTakenFlat()
    {
        var folder = await UnpackAsync(
            "my-model/config.json",
            "my-model/model.safetensors",
            "my-model/tokenizer.json",
            "my-model/onnx/model.safetensors"
        );
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Files(folder));
    }

    [Fact]
    public async Task FileThatSaysHowAnEncoderPools_IsTakenAtItsPlace_AndNothingElseBelow()
    {
        var folder = await UnpackAsync(
            "m/config.json",
            "m/model.safetensors",
            "m/modules.json",
            "m/1_Pooling/config.json",
            "m/1_Pooling/tokenizer.json",
            "m/2_Dense/config.json",
            "m/1_Pooling/../../1_Pooling/config.json"
        );
        Assert.Equal(["config.json", "model.safetensors", "modules.json"], Files(folder));
        Assert.Equal(["1_Pooling"], Directory.EnumerateDirectories(folder).Select(p => Path.GetFileName(p)));
        Assert.Equal(["config.json"], Files(Path.Combine(folder, "1_Pooling")));
    }

    [Fact]
    public async Task PathsThatLeaveTheFolder_AreNeverFollowed()
    {
        var folder = await UnpackAsync(
            "config.json",
            "model.safetensors",
            "../config.json",
            "../../evil.safetensors",
            "/etc/tokenizer.json"
        );
        Assert.Equal(["config.json", "model.safetensors"], Files(folder));
        Assert.Equal(["archive.zip", "model"], Directory.EnumerateFileSystemEntries(_root).Select(p => Path.GetFileName(p)).Order());
    }

    [Fact]
    public async Task FilesThatAreNoPartOfAModel_AreLeftOut()
    {
        var folder = await UnpackAsync("config.json", "model.safetensors", "pytorch_model.bin", "modeling_custom.py", "run.sh");
        Assert.Equal(["config.json", "model.safetensors"], Files(folder));
    }

    [Theory]
    [InlineData("pickled", "config.json", "pytorch_model.bin")]
    [InlineData("no weights", "config.json", "tokenizer.json")]
    [InlineData("no config.json", "model.safetensors", "tokenizer.json")]
    public async Task WhatIsNoModel_IsRefusedWithTheReason(string reason, params string[] names)
    {
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => UnpackAsync(names));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNoArchive_IsRefused()
    {
        var path = Path.Combine(_root, "archive.zip");
        await File.WriteAllTextAsync(path, "no archive", Ct);
        await Assert.ThrowsAsync<RuleViolationException>(() => ModelArchive.UnpackAsync(path, _root, FolderKind.Model, Ct));
    }

    [Fact]
    public async Task ArchiveThatUnpacksToManyTimesItsSize_IsRefusedUnwritten()
    {
        var path = Path.Combine(_root, "zeros.zip");
        await using (var archive = await ZipFile.OpenAsync(path, ZipArchiveMode.Create, Ct))
        {
            await using (var config = await archive.CreateEntry("config.json").OpenAsync(Ct))
            {
                await config.WriteAsync("{}"u8.ToArray(), Ct);
            }

            await using var weights = await archive.CreateEntry("model.safetensors", CompressionLevel.Fastest).OpenAsync(Ct);
            await weights.WriteAsync(new byte[100 << 20], Ct);
        }

        var folder = Directory.CreateDirectory(Path.Combine(_root, "model")).FullName;
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => ModelArchive.UnpackAsync(path, folder, FolderKind.Model, Ct));
        Assert.Contains("times the archive", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public async Task AdapterInAnArchive_IsTakenFlat_WithoutItsTokenizerAndPickledState()
    {
        var folder = await UnpackAsync(
            FolderKind.Adapter,
            "my/adapter_config.json",
            "my/adapter_model.safetensors",
            "my/README.md",
            "my/tokenizer.json",
            "my/optimizer.pt",
            "my/training_args.bin",
            "my/checkpoint-8/adapter_config.json",
            "my/checkpoint-8/adapter_model.safetensors",
            "my/../../adapter_config.json"
        );
        Assert.Equal(["README.md", "adapter_config.json", "adapter_model.safetensors"], Files(folder));
        Assert.Empty(Directory.GetDirectories(folder));
    }

    [Theory]
    [InlineData("pickled", "adapter_config.json", "adapter_model.bin")]
    [InlineData("adapter_model.safetensors must lie beside adapter_config.json", "adapter_config.json", "model.safetensors")]
    [InlineData("no adapter_config.json", "adapter_model.safetensors")]
    [InlineData("add it as a base model", "config.json", "model.safetensors")]
    public async Task WhatIsNoAdapter_IsRefusedWithTheReason(string reason, params string[] names)
    {
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() => UnpackAsync(FolderKind.Adapter, names));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AdapterThatIsAddedAsAModel_IsRefusedWithWhereItBelongs()
    {
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() =>
            UnpackAsync("adapter_config.json", "adapter_model.safetensors")
        );
        Assert.Contains("add it as an adapter", refusal.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);

    private Task<string> UnpackAsync(params string[] names) => UnpackAsync(FolderKind.Model, names);

    private async Task<string> UnpackAsync(FolderKind kind, params string[] names)
    {
        var path = Path.Combine(_root, "archive.zip");
        await using (var archive = await ZipFile.OpenAsync(path, ZipArchiveMode.Create, Ct))
        {
            foreach (var name in names)
            {
                await using var entry = await archive.CreateEntry(name).OpenAsync(Ct);
                await entry.WriteAsync("{}"u8.ToArray(), Ct);
            }
        }

        var folder = Directory.CreateDirectory(Path.Combine(_root, "model")).FullName;
        await ModelArchive.UnpackAsync(path, folder, kind, Ct);
        return folder;
    }
}
