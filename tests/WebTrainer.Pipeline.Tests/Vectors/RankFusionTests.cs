using WebTrainer.Pipeline.Vectors;

namespace WebTrainer.Pipeline.Tests.Vectors;

public sealed class RankFusionTests
{
    [Fact]
    public void WhatBothOrdersName_ComesFirst_ThenTheBestOfEach_EqualOnesByPosition() =>
        Assert.Equal([7, 1, 9, 3], RankFusion.Fuse([1, 7, 3], [9, 7]));

    [Fact]
    public void OneOrder_StaysAsItIs_AndNoneGivesNone()
    {
        Assert.Equal([5, 2, 8], RankFusion.Fuse([5, 2, 8], []));
        Assert.Empty(RankFusion.Fuse());
    }
}
