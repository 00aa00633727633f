using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Domain.Labels;
using WebTrainer.Labeling;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;
using WebTrainer.Tests.Shared;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class WeakTests : LabelingTest
{
    private const int Train = 4_000;

    private WeakService Weak => Portal.Get<WeakService>();

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly LabelFunction[] s_three =
    [
        new("words", LabelFunctionKind.Keyword, "refund\nmoney back", "refund"),
        new("pattern", LabelFunctionKind.Pattern, @"(?i)card\b", "card"),
        new("short", LabelFunctionKind.Sql, "length(text) < 10", "card"),
    ];

    /// <summary>Ten rules for messages, written from a look at messages without their labels.</summary>
    private static IReadOnlyList<LabelFunction> SmsFunctions { get; } =
        JsonSerializer.Deserialize<List<LabelFunction>>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "sms-functions.json")),
            s_json
        )!;

    [Fact]
    public async Task SmsSpam_TenFunctionsAndNoLabels_ReachF1Of090OnHeldOutMessages()
    {
        var lines = await File.ReadAllLinesAsync(
            Directory.EnumerateFiles(SharedFiles.Find("data", "sms_spam")).First(f => !f.EndsWith(".md", StringComparison.Ordinal)),
            Ct
        );
        var rows = lines
            .Select(l => l.Split('\t', 2))
            .Where(l => l.Length == 2)
            .Select((l, i) => CanonicalRow.Create($"m{i}", i + 1, null, l[1], null, l[0]))
            .ToList();
        var version = await Portal.AddVersionAsync(Project, rows, "Messages");
        var given = await Portal
            .Get<FunctionVotes>()
            .VoteAsync(version, [.. rows.Select(r => new WeakRow(r.Id, r.Prompt, null))], ["ham", "spam"], SmsFunctions, Ct);

        // Nothing but votes goes in; how frequent spam is, is a guess.
        var model = LabelModel.Fit([.. given.Take(Train)], [0.85, 0.15]);
        var heldOut = rows.Zip(given)
            .Skip(Train)
            .Select(r => (IsSpam: r.First.Label == "spam", Said: model.Predict(r.Second)[1] > 0.5))
            .ToList();
        var right = heldOut.Count(r => r is { IsSpam: true, Said: true });
        var f1 = 2.0 * right / (heldOut.Count(r => r.IsSpam) + heldOut.Count(r => r.Said));
        Xunit.TestContext.Current.TestOutputHelper?.WriteLine($"F1 {f1:F4} on {heldOut.Count} held-out messages");
        Assert.True(f1 >= 0.90, $"F1 is {f1:F4}.");
    }

    [Fact]
    public async Task RunMakeAndAsk_SureRowsBecomeAVersion_UnsureOnesGoToPeople()
    {
        string[] texts =
        [
            "I want a refund for this",
            "my card is gone",
            "money back please now",
            "hm",
            "my card: refund it",
            "something else entirely",
        ];
        var version = await Portal.AddVersionAsync(
            Project,
            texts.Select((t, i) => CanonicalRow.Create($"r{i}", i + 1, null, t, null, i is 0 or 2 ? "refund" : null)),
            "Texts"
        );
        var id = await Weak.CreateAsync(Lead, Project, version.Id, "Intents", ["refund", "card"], Ct);
        await Weak.ChangeAsync(Lead, Project, id, 0, s_three, [0.5, 0.5], Ct);

        var result = await Weak.RunAsync(Lead, Project, id, Ct);
        Assert.Equal((6, 5, 2), (result.Rows, result.Covered, result.Known));
        Assert.Equal(new FunctionStatistics(0.5, 1 / 6.0, 1 / 6.0, 1, 2), result.Functions[0].Statistics);

        var made = await Weak.MakeAsync(Lead, Project, id, 0.6, Ct);
        await using var db = Portal.OpenDb();
        var stored = await db.DatasetVersions.SingleAsync(v => v.Id == made.Id, Ct);
        Assert.Equal(VersionKind.Labeled, stored.Kind);
        Assert.Contains("probabilities", stored.Report, StringComparison.Ordinal);
        var rows = await new Pipeline.Storage.VersionReader()
            .ReadAsync(Portal.Get<Data.Files.FileStore>().PathOf(stored.Sha256), cancellationToken: Ct)
            .ToListAsync(Ct);
        Assert.All(
            rows,
            r =>
                Assert.InRange(
                    double.Parse(r.Extra[WeakService.ConfidenceColumn], System.Globalization.CultureInfo.InvariantCulture),
                    0.6,
                    1
                )
        );

        var task = await Weak.AskPeopleAsync(Lead, Project, id, 0.6, [Ada.UserId], new TaskRules { Overlap = 1 }, Ct);
        var asked = await db.LabelItems.Where(i => i.TaskId == task).Select(i => i.RowId).ToListAsync(Ct);
        Assert.Contains("r5", asked);
        Assert.Equal(6, asked.Count + (int)made.Rows);
    }

    [Fact]
    public async Task Change_FromAnOldView_IsAConflict_AndBadFunctionsAreRefusedByName()
    {
        var id = await Weak.CreateAsync(Lead, Project, Version, "Intents", ["refund", "card"], Ct);
        await Weak.ChangeAsync(Lead, Project, id, 0, s_three, [0.5, 0.5], Ct);
        await Assert.ThrowsAsync<ConflictException>(() => Weak.ChangeAsync(Lead, Project, id, 0, s_three, [0.5, 0.5], Ct));
        var refusal = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Weak.ChangeAsync(Lead, Project, id, 1, [new("bad one", LabelFunctionKind.Pattern, "(a+)+(?=b)", "card")], [0.5, 0.5], Ct)
        );
        Assert.Contains("bad one", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EverythingByOthers_IsRefused()
    {
        var id = await Weak.CreateAsync(Lead, Project, Version, "Intents", ["a", "b"], Ct);
        await Assert.ThrowsAsync<ForbiddenException>(() => Weak.ReadAsync(Ada, Project, id, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Weak.RunAsync(Stranger, Project, id, Ct));
        var other = await Portal.AddProjectAsync(Stranger);
        await Assert.ThrowsAsync<NotFoundException>(() => Weak.ReadAsync(Stranger, other, id, Ct));
    }
}
