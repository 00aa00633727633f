namespace WebTrainer.Protocol.Tests;

public sealed class GpuTests
{
    private const string Two = "0, GPU-aa11, NVIDIA H200, 143771, 143000\n1, GPU-bb22, NVIDIA L4, 23034, 500\n";

    [Theory]
    [InlineData(null, "NVIDIA H200|NVIDIA L4")]
    [InlineData("1", "NVIDIA L4")]
    [InlineData("1,0", "NVIDIA L4|NVIDIA H200")]
    [InlineData("GPU-bb", "NVIDIA L4")]
    [InlineData("0,7,1", "NVIDIA H200")]
    [InlineData("", "")]
    [InlineData("-1", "")]
    public void Parse_NumbersThemAsTheProcessSeesThem(string? visible, string names) =>
        Assert.Equal(names, string.Join('|', Gpu.Parse(Two, visible).Select(gpu => gpu.Name)));

    [Fact]
    public void Parse_CountsBytes() =>
        Assert.Equal((143771L << 20, 143000L << 20), (Gpu.Parse(Two, null)[0].MemoryBytes, Gpu.Parse(Two, null)[0].FreeBytes));

    [Fact]
    public void Parse_WhatIsNoList_IsNoGpu() =>
        Assert.Empty(Gpu.Parse("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", null));
}
