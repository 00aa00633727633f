using System.Collections.Specialized;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WebTrainer.Portal.Tests.Notices;

/// <summary>Takes what webhooks send.</summary>
internal sealed class Receiver : IDisposable
{
    private readonly HttpListener _listener = new();

    public Receiver()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        }

        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = TakeAsync();
    }

    public string Address { get; }

    /// <summary>What it answers with.</summary>
    public int Status { get; set; } = 200;

    public List<(NameValueCollection Headers, string Body)> Requests { get; } = [];

    public void Dispose() => _listener.Close();

    private async Task TakeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                Requests.Add((context.Request.Headers, await reader.ReadToEndAsync()));
                context.Response.StatusCode = Status;
                context.Response.Close();
            }
            catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
            {
                return; // closed
            }
        }
    }
}
