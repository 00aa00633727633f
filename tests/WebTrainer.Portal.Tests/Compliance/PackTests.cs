using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Policies;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Compliance.Packs;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Tests.Compliance;

/// <summary>Evidence packs: what is in them, that they are made again byte for byte, and that verify.sh finds what was changed.</summary>
public sealed class PackTests : ComplianceTest
{
    private PackService Packs => Portal.Get<PackService>();

    private async Task<EvidencePack> PackAsync() => await Packs.OfRunAsync(Lead, Project, Run, Ct);

    private async Task ApproveAsync()
    {
        await Runs.ApproveAsync(Lead, Project, Run, await HashAsync(Run), Ct);
        await AddEvaluationAsync(
            new EvaluationReport
            {
                Rows = Rows,
                Metric = "accuracy",
                Models = [Figures("base", 0.5), Figures(Tuned, 0.75)],
            },
            _ => (new ExampleAnswer("base", "even", true, null, 1), new ExampleAnswer(Tuned, "odd", true, null, 1))
        );
    }

    private static ModelFigures Figures(string name, double score) =>
        new(name, ModelKind.Base, score, score - 0.1, score + 0.1, null, null, null, 1);

    /// <returns>The exit code and what the script said.</returns>
    private static async Task<(int Code, string Said)> VerifyAsync(string folder, params string[] arguments)
    {
        using var script = Process.Start(
            new ProcessStartInfo("bash", [Path.Combine(folder, EvidencePack.Script), .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var (said, failed) = (script.StandardOutput.ReadToEndAsync(Ct), script.StandardError.ReadToEndAsync(Ct));
        await script.WaitForExitAsync(Ct);
        return (script.ExitCode, await said + await failed);
    }

    private static async Task<string> UnpackAsync(byte[] zip)
    {
        var folder = Directory.CreateTempSubdirectory("webtrainer-pack-").FullName;
        using var archive = new ZipArchive(new MemoryStream(zip));
        await archive.ExtractToDirectoryAsync(folder, Ct);
        return folder;
    }

    [Fact]
    public async Task OfRun_MadeAgainFromTheSameState_IsTheSameByteForByte()
    {
        await ApproveAsync();
        var first = (await PackAsync()).ToZip();
        Portal.Clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal(first, (await PackAsync()).ToZip());
    }

    [Fact]
    public async Task OfRun_HoldsWhatAnAuditorAsksFor()
    {
        await SetAsync(new() { LeaksAnswered = true });
        await NoteAsync(v => v.NoteLeaks(0, """{"rows":0}"""));
        await ApproveAsync();
        var files = (await PackAsync()).Files;
        Assert.Superset(
            new HashSet<string>([
                "agreement.json",
                "approvals.json",
                "approved.tsv",
                "artefacts.json",
                "audit/acts.json",
                "audit/entries.tsv",
                "audit/head.sig",
                "audit/head.txt",
                "bom.json",
                "checklists.json",
                "croissant.json",
                "datasheet.md",
                "evaluation-rows.jsonl",
                "evaluation-settings.json",
                "evaluation.json",
                "evidence.md",
                "manifest.sig",
                "manifest.txt",
                "model-card.md",
                "policy.json",
                "privacy.json",
                "public.pem",
                "settings.json",
                "verify.sh",
            ]),
            files.Keys.ToHashSet()
        );
        Assert.Equal(await HashAsync(Run), Convert.ToHexStringLower(SHA256.HashData(files["settings.json"])));
        using var bom = JsonDocument.Parse(files["bom.json"]);
        Assert.Equal("CycloneDX", bom.RootElement.GetProperty("bomFormat").GetString());
        Assert.Contains("run.approved", System.Text.Encoding.UTF8.GetString(files["audit/acts.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_AWholePack_Passes_WithTheServersOwnKeyToo()
    {
        await ApproveAsync();
        var folder = await UnpackAsync((await PackAsync()).ToZip());
        var (code, said) = await VerifyAsync(folder);
        Assert.True(code == 0, said);
        Assert.Contains("acts are in that log", said, StringComparison.Ordinal);
        var key = Path.Combine(folder, "../" + Path.GetFileName(folder) + ".pem");
        await File.WriteAllTextAsync(key, Portal.Get<Proof.ProofKeys>().PublicKeyPem, Ct);
        Assert.Equal(0, (await VerifyAsync(folder, key)).Code);
        using var others = Proof.ProofKeys.Create();
        await File.WriteAllTextAsync(key, others.PublicKeyPem, Ct);
        Assert.NotEqual(0, (await VerifyAsync(folder, key)).Code);
        File.Delete(key);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("evaluation.json")]
    [InlineData("settings.json")]
    [InlineData("audit/head.txt")]
    [InlineData("manifest.txt")]
    [InlineData("a-file-that-was-added.txt")]
    public async Task Verify_APackThatWasChanged_Fails(string file)
    {
        await ApproveAsync();
        var folder = await UnpackAsync((await PackAsync()).ToZip());
        await File.AppendAllTextAsync(Path.Combine(folder, file), "x", Ct);
        var (code, said) = await VerifyAsync(folder);
        Assert.True(code != 0 && said.Contains("FAILED", StringComparison.Ordinal), said);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Even who has the server's key can't put an act into the log of a head that was signed before.</summary>
    [Fact]
    public async Task Verify_AnActThatIsNotInTheLogOfTheHead_Fails()
    {
        await ApproveAsync();
        var pack = await PackAsync();
        var forged = new EvidencePack(pack.Name);
        foreach (var (path, content) in pack.Files.Where(f => f.Key is not (EvidencePack.Manifest or EvidencePack.Signature)))
        {
            forged.Add(path, path.EndsWith(".bin", StringComparison.Ordinal) ? [.. content, 0] : content);
        }

        forged.Sign(Portal.Get<Proof.ProofKeys>());
        var folder = await UnpackAsync(forged.ToZip());
        Assert.Contains("is not in the audit log of this head", (await VerifyAsync(folder)).Said, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task OfRun_WhereAnEntryOfTheLogWasChanged_IsRefusedByItsNumber()
    {
        await ApproveAsync();
        long changed;
        await using (var db = Portal.OpenDb())
        {
            changed = await db.Audit.Where(a => a.Action == "run.approved").Select(a => a.Id).SingleAsync(Ct);
        }

        await using (var file = new SqliteConnection($"Data Source={Portal.Get<DataFolder>().Database}"))
        {
            await file.OpenAsync(Ct);
            await using var command = file.CreateCommand();
            command.CommandText = $"DROP TRIGGER Audit_NoUpdate; UPDATE Audit SET UserName = 'somebody else' WHERE Id = {changed}";
            await command.ExecuteNonQueryAsync(Ct);
        }

        var refusal = await Assert.ThrowsAsync<RuleViolationException>(PackAsync);
        Assert.StartsWith($"Entry {changed} of the audit log was changed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OfRun_WhereThePolicyKeepsRows_HasNoneOfThem_AndSaysWhy()
    {
        await ApproveAsync();
        await SetAsync(new() { NoPersonalData = true });
        var files = (await PackAsync()).Files;
        Assert.DoesNotContain("evaluation-rows.jsonl", files.Keys);
        Assert.Contains(
            "Nobody has looked for personal data",
            System.Text.Encoding.UTF8.GetString(files["evaluation-rows.md"]),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task OfRun_ByAnEngineer_IsForbidden_AndByALeadIsNoted()
    {
        await Assert.ThrowsAsync<ForbiddenException>(() => Packs.OfRunAsync(Engineer, Project, Run, Ct));
        await PackAsync();
        Assert.Contains(PackService.Packed, await ActionsAsync());
    }

    /// <summary>What the lock files name is in the bill of materials: <c>eng/list-components.sh</c> writes it.</summary>
    [Fact]
    public void Components_AreThoseOfTheLockFiles()
    {
        var root = RepositoryRoot();
        var locked = new[] { "Portal", "Worker" }.SelectMany(name =>
            Locked(Path.Combine(root, $"src/WebTrainer.{name}/packages.lock.json"))
        );
        var listed = BillOfMaterials.All.Where(c => c.Purl is not null).Select(c => $"{c.Name} {c.Version}").ToHashSet();
        Assert.DoesNotContain(locked, package => !listed.Contains(package));
        Assert.All(BillOfMaterials.All, c => Assert.NotEqual("", c.License));
    }

    private static IEnumerable<string> Locked(string path)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        return
        [
            .. file
                .RootElement.GetProperty("dependencies")
                .EnumerateObject()
                .SelectMany(framework => framework.Value.EnumerateObject())
                .Where(package => package.Value.TryGetProperty("resolved", out _))
                .Select(package => $"{package.Name} {package.Value.GetProperty("resolved").GetString()}"),
        ];
    }

    private static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WebTrainer.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
