using System.Net;
using System.Net.Sockets;
using WebTrainer.Scoring.Sandbox;

namespace WebTrainer.Scoring.Tests;

/// <summary>What generated code must not be able to do.</summary>
[Trait("Category", "Slow")]
public sealed class SandboxTests : IAsyncLifetime
{
    private static readonly CodeSandbox s_sandbox = new(cpuSeconds: 1, wallSeconds: 2);

    /// <summary>For programs that must reach their end, however busy the machine is.</summary>
    private static readonly CodeSandbox s_patient = new(cpuSeconds: 30, wallSeconds: 120);

    public async ValueTask InitializeAsync()
    {
        if (await CodeSandbox.WhyUnavailableAsync(TestContext.Current.CancellationToken) is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task ProgramThatReachesItsEnd_Passes() => Assert.True((await PatientlyAsync("assert sum(range(10)) == 45")).Passed);

    [Theory]
    [InlineData("assert 1 == 2")]
    [InlineData("import sys; sys.exit(0)")]
    [InlineData("import os; os._exit(0)")]
    [InlineData("raise SystemExit")]
    [InlineData("def f(:")]
    public async Task ProgramThatFailsOrLeavesEarly_DoesNotPass(string program) => Assert.False((await RunAsync(program)).Passed);

    [Theory]
    [InlineData("while True: pass")]
    [InlineData("import time; time.sleep(60)")]
    [InlineData("import os\nwhile True: os.fork()")]
    [InlineData("x = bytearray(4 << 30)")]
    [InlineData("open('/tmp/big', 'wb').write(b'x' * (200 << 20))")]
    public async Task Exhaustion_EndsAtALimit(string program)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.False((await RunAsync(program)).Passed);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public async Task ManyProcesses_HaveNoMoreMemoryTogetherThanOneAlone()
    {
        var result = await new CodeSandbox().RunAsync(
            """
            import os, time
            for _ in range(6):
                if os.fork() == 0:
                    held = b'x' * (400 << 20)
                    time.sleep(60)
            time.sleep(60)
            """,
            TestContext.Current.CancellationToken
        );
        Assert.False(result.Passed);
        Assert.Contains("memory together", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FewProcessesWithinTheLimit_Pass() =>
        Assert.True(
            (
                await PatientlyAsync(
                    """
                    import os
                    held = b'x' * (200 << 20)
                    children = [os.fork() for _ in range(1)]
                    if 0 in children:
                        os._exit(0)
                    assert os.wait()[1] == 0
                    """
                )
            ).Passed
        );

    [Fact]
    public async Task ProgramThatForksWithoutEnd_DoesNotFailTheOneBesideIt()
    {
        var bomb = RunAsync("import os\nwhile True: os.fork()");
        for (var i = 0; i < 5; i++)
        {
            Assert.True((await PatientlyAsync("assert True")).Passed);
        }

        Assert.False((await bomb).Passed);
    }

    [Fact]
    public async Task OutputFlood_IsCutAndEnds()
    {
        var result = await RunAsync("while True: print('x' * 10000)");
        Assert.False(result.Passed);
        Assert.True(result.Output.Length <= 2 * CodeSandbox.MaxOutputCharacters);
    }

    [Fact]
    public async Task Network_IsNotThere()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.False((await RunAsync($"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=3)")).Passed);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task FilesOfTheServer_AreNotThere()
    {
        var secret = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await File.WriteAllTextAsync(secret, "canary", TestContext.Current.CancellationToken);
        try
        {
            Assert.False((await RunAsync($"open('{secret}').read()")).Passed);
            Assert.False((await RunAsync("open('/etc/passwd').read()")).Passed);
            Assert.False((await RunAsync("open('/usr/escaped', 'w')")).Passed);
            Assert.Equal("canary", await File.ReadAllTextAsync(secret, TestContext.Current.CancellationToken));
        }
        finally
        {
            File.Delete(secret);
        }
    }

    [Fact]
    public async Task OtherProcessesAndTheEnvironment_AreNotSeen()
    {
        Environment.SetEnvironmentVariable("WEBTRAINER_TEST_CANARY", "canary");
        Assert.True(
            (
                await PatientlyAsync(
                    "import os; assert [p for p in os.listdir('/proc') if p.isdigit()] <= ['1', '2', '3'] and len([p for p in os.listdir('/proc') if p.isdigit()]) <= 3"
                )
            ).Passed
        );
        Assert.True((await PatientlyAsync("import os; assert 'canary' not in str(os.environ)")).Passed);
    }

    [Fact]
    public async Task PrivilegesAndNamespaces_CannotBeGained()
    {
        Assert.True(
            (
                await PatientlyAsync(
                    "assert [l for l in open('/proc/self/status') if l.startswith('CapEff')][0].split()[1].strip('0') == ''"
                )
            ).Passed
        );
        Assert.False((await RunAsync("import subprocess; subprocess.run(['unshare', '-Ur', 'true'], check=True)")).Passed);
    }

    private static Task<SandboxResult> PatientlyAsync(string program) => s_patient.RunAsync(program, TestContext.Current.CancellationToken);

    private static Task<SandboxResult> RunAsync(string program) => s_sandbox.RunAsync(program, TestContext.Current.CancellationToken);
}
