using WebTrainer.Portal.Access;
using WebTrainer.Portal.Features.Labeling;

namespace WebTrainer.Portal.Tests.Labeling;

public sealed class RightsTests : LabelingTest
{
    [Fact]
    public async Task EverythingByAStranger_IsNotFound()
    {
        var task = await NewTaskAsync();
        var item = (await NextAsync(Ada, task))!.Id;
        await Assert.ThrowsAsync<NotFoundException>(() => Tasks.ListAsync(Stranger, Project, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Tasks.CloseAsync(Stranger, Project, task, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => NextAsync(Stranger, task));
        await Assert.ThrowsAsync<NotFoundException>(() => AnswerAsync(Stranger, item, "yes"));
        await Assert.ThrowsAsync<NotFoundException>(() => ApproveAsync(Stranger, item, 0, "yes"));
        await Assert.ThrowsAsync<NotFoundException>(() => Overviews.ReadAsync(Stranger, Project, task, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Snapshots.MakeAsync(Stranger, Project, task, 1, Ct));
    }

    [Fact]
    public async Task LeadsWorkByAnAnnotator_IsForbidden()
    {
        var task = await NewTaskAsync();
        var item = (await NextAsync(Ada, task))!.Id;
        await Assert.ThrowsAsync<ForbiddenException>(() => Tasks.FormAsync(Ada, Project, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Tasks.CloseAsync(Ada, Project, task, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => NextReviewAsync(task, Ada));
        await Assert.ThrowsAsync<ForbiddenException>(() => ApproveAsync(Ada, item, 0, "yes"));
        await Assert.ThrowsAsync<ForbiddenException>(() => Reviews.ReturnAsync(Ada, Project, item, 0, "no", Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Overviews.ReadAsync(Ada, Project, task, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Overviews.ItemsAsync(Ada, Project, task, null, 0, 10, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Overviews.AgreementAsync(Ada, Project, task, Ct));
        await Assert.ThrowsAsync<ForbiddenException>(() => Snapshots.MakeAsync(Ada, Project, task, 1, Ct));
    }

    [Fact]
    public async Task TaskOfOthers_IsNotThereForAnAnnotator()
    {
        var task = await NewTaskAsync(people: Ada);
        var item = (await NextAsync(Ada, task))!.Id;
        await Assert.ThrowsAsync<NotFoundException>(() => NextAsync(Bo, task));
        await Assert.ThrowsAsync<NotFoundException>(() => AnswerAsync(Bo, item, "yes"));
        Assert.Empty((await Tasks.ListAsync(Bo, Project, Ct)).Tasks);
        Assert.Single((await Tasks.ListAsync(Ada, Project, Ct)).Tasks);
    }

    [Fact]
    public async Task TaskThroughAnotherProject_IsNotFound()
    {
        var task = await NewTaskAsync();
        var item = (await NextAsync(Ada, task))!.Id;
        var other = await Portal.AddProjectAsync(Stranger);
        await Assert.ThrowsAsync<NotFoundException>(() => Overviews.ReadAsync(Stranger, other, task, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Overviews.ItemsAsync(Stranger, other, task, null, 0, 10, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Answers.SubmitAsync(Stranger, other, item, Sheet("yes"), 0, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Reviews.ApproveAsync(Stranger, other, item, 0, Sheet("yes"), Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Snapshots.MakeAsync(Stranger, other, task, 1, Ct));
        await Assert.ThrowsAsync<NotFoundException>(() => Tasks.LabelsAsync(Stranger, other, Version, Ct));
    }
}
