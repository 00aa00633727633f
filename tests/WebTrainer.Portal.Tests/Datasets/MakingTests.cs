using Microsoft.EntityFrameworkCore;
using WebTrainer.Domain;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Making;
using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Datasets;

namespace WebTrainer.Portal.Tests.Datasets;

/// <summary>Rows that rules make of others, from the dialog to runs.</summary>
public sealed class MakingTests : DatasetsTest
{
    private static readonly MakeRecipe s_typing = new() { Method = MakeMethod.TypingErrors, Share = 0.5 };

    private DatasetMaking Making => Portal.Get<DatasetMaking>();

    private async Task<VersionView> SplitAsync()
    {
        var imported = await ImportAsync("Rows", Table(200));
        return await DataSplits.SplitAsync(Lead, Project, imported.DatasetId, 1, new SplitRecipe(0.1, 0.2, 7, null, false), Ct);
    }

    [Fact]
    public async Task Made_Version_KeepsItsParentsSplits_IsPublished_AndSaysWhatWasMade()
    {
        var split = await SplitAsync();
        var made = await Making.MakeAsync(Lead, Project, split.DatasetId, split.Number, s_typing, Ct);
        Assert.Equal((3, VersionKind.Made, true), (made.Number, made.Kind, made.CanBePublished));
        Assert.Equal(split.Id, Assert.Single(made.Parents).Id);
        await DataPublishing.PublishAsync(Lead, Project, made.DatasetId, 3, Ct);
        var files = (await Data.PublishedAsync(Reviewer, Project, Ct)).Single().Files;
        Assert.Equal((40L, 20L), (files.Test!.Rows, files.Validation!.Rows));
        Assert.InRange(files.Train!.Rows, 150, 210);
        var said = string.Join(
            '\n',
            (await DataDocuments.FactsAsync(Reviewer, Project, made.DatasetId, 3, Ct)).History.SelectMany(step => step.What)
        );
        Assert.Contains(
            $"{files.Train.Rows - 140} rows to learn from were made by rules (typing errors, seed 42)",
            said,
            StringComparison.Ordinal
        );
        await using var db = Portal.OpenDb();
        Assert.True(await db.Audit.AnyAsync(a => a.Action == "dataset.made", Ct));
    }

    [Fact]
    public async Task Making_ByAReviewer_OrByARecipeThatMakesNothing_IsRefused()
    {
        var split = await SplitAsync();
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            Making.MakeAsync(Reviewer, Project, split.DatasetId, split.Number, s_typing, Ct)
        );
        var refused = await Assert.ThrowsAsync<RuleViolationException>(() =>
            Making.MakeAsync(Lead, Project, split.DatasetId, split.Number, s_typing with { Share = 2 }, Ct)
        );
        Assert.Contains("(share)", refused.Message, StringComparison.Ordinal);
        var unsplit = await Assert.ThrowsAnyAsync<Exception>(() => Making.MakeAsync(Lead, Project, split.DatasetId, 1, s_typing, Ct));
        Assert.Contains("not split", unsplit.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WrittenLists_ArePairsTemplatesAndSlots_AndAWrongLineIsNamed()
    {
        Assert.Equal([new WordPair("he", "she"), new WordPair("father", "mother")], MakeWords.Pairs(" he = she \n\nfather=mother\n"));
        Assert.Equal(
            [new SlotTemplate("Where is my {thing}?", "card_arrival"), new SlotTemplate("Hello {name}", null, "Hi")],
            MakeWords.Templates("card_arrival | Where is my {thing}?\n | Hello {name} | Hi")
        );
        Assert.Equal(["card", "new card"], MakeWords.Slots("thing: card, new card,")["thing"]);
        foreach (
            var wrong in (Action[])
                [() => MakeWords.Pairs("x\nhe she"), () => MakeWords.Templates("a|b\nhe she"), () => MakeWords.Slots("a: b\na: c")]
        )
        {
            Assert.Contains("Line", Assert.Throws<RuleViolationException>(wrong).Message, StringComparison.Ordinal);
        }
    }
}
