using System.Net.Sockets;
using System.Net.WebSockets;
using WebTrainer.EndToEnd.Support;
using WebTrainer.Tests.Circuits;

namespace WebTrainer.EndToEnd;

/// <summary>More sockets, and larger frames, than any page needs: rows 13 and 14 of the threats.</summary>
[Collection(nameof(DataPortal))]
public sealed class SocketLoadTests(SharedPortal shared)
{
    private const int Sockets = 2_000;
    private const int FrameOverTheLimit = 600 * 1024;
    private const long MostGrowthBytes = 150_000_000;

    [Fact]
    public async Task TwoThousandSocketsWithoutSignIn_OpenNoCircuit_AndPeopleAreServed()
    {
        await using var team = await shared.NewProjectAsync();
        await using var open = await OpenAsync(team, "/");
        var before = team.Portal.ResidentBytes();
        var address = new Uri(team.Portal.Address);
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < Sockets; i++)
            {
                var socket = new TcpClient();
                await socket.ConnectAsync(address.Host, address.Port);
                silent.Add(socket);
            }

            Assert.Equal(0, await CountOpenedAsync(new Uri($"ws://{address.Authority}/_blazor"), 100));
            await using var another = await OpenAsync(team, $"/p/{team.ProjectId}/data");
            Assert.False(open.Closed.IsCompleted);
            Assert.InRange(team.Portal.ResidentBytes() - before, long.MinValue, MostGrowthBytes);
        }
        finally
        {
            silent.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task FrameOverTheLimit_EndsItsCircuit_AndNoOther()
    {
        await using var team = await shared.NewProjectAsync();
        await using var other = await OpenAsync(team, "/");
        await using (var circuit = await OpenAsync(team, "/"))
        {
            await circuit.SendAsync("OnRenderCompleted", 1L, new string('x', FrameOverTheLimit));
            await circuit.Closed.WaitAsync(Patience.Server);
        }

        Assert.False(other.Closed.IsCompleted);
        await using var another = await OpenAsync(team, $"/p/{team.ProjectId}/data");
    }

    private static async Task<int> CountOpenedAsync(Uri address, int tries)
    {
        var opened = 0;
        for (var i = 0; i < tries; i++)
        {
            using var socket = new ClientWebSocket();
            try
            {
                await socket.ConnectAsync(address, CancellationToken.None);
                opened++;
            }
            catch (WebSocketException ex) when (ex.WebSocketErrorCode == WebSocketError.NotAWebSocket)
            {
                // Answered by 401: no socket was opened.
            }
        }

        return opened;
    }

    /// <summary>A page of somebody who is signed in, once it shows something.</summary>
    private static async Task<CircuitClient> OpenAsync(Team team, string path)
    {
        var batches = 0;
        var cookies = await CircuitClient.SignInAsync(team.Portal.Address, "bo", Person.Password);
        var circuit = await CircuitClient.OpenAsync(
            team.Portal.Address,
            cookies,
            path,
            (_, _) => null,
            _ => Interlocked.Increment(ref batches)
        );
        await Eventually.IsTrueAsync(
            () => Task.FromResult(Volatile.Read(ref batches) > 1),
            Patience.Server,
            () => $"{path} shows nothing: {string.Join("; ", circuit.Errors)}"
        );
        return circuit;
    }
}
