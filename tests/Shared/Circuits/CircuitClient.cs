using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace WebTrainer.Tests.Circuits;

/// <summary>
/// A live circuit without a browser: it signs in, opens a page, acknowledges what is rendered, answers calls of JavaScript and calls back,
/// as a browser does, or as somebody does who wants to do more than the page shows.
/// </summary>
internal sealed partial class CircuitClient : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private readonly HubConnection _connection;
    private readonly Func<string, JsonElement, string?> _js;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _calls;

    private CircuitClient(HubConnection connection, Func<string, JsonElement, string?> js)
    {
        (_connection, _js) = (connection, js);
        _connection.On<int, byte[]>("JS.RenderBatch", RenderAsync);
        _connection.On<long, string, string, int, long, int>(
            "JS.BeginInvokeJS",
            (call, name, arguments, _, _, _) => AnswerAsync(call, name, arguments)
        );
        _connection.On<string>("JS.Error", error => Errors.Add(error));
        _connection.On<string, bool, string>(
            "JS.EndInvokeDotNet",
            (_, succeeded, result) =>
            {
                if (!succeeded)
                {
                    Errors.Add(result);
                }
            }
        );
        _connection.Closed += _ =>
        {
            _closed.TrySetResult();
            return Task.CompletedTask;
        };
    }

    /// <summary>What the circuit said went wrong.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Is called with each batch before it is acknowledged.</summary>
    public Action<RenderBatch>? Rendered { get; set; }

    /// <summary>Ends when the server closes the circuit.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Signs in by the form, as a browser does.</summary>
    /// <returns>The cookies of the session.</returns>
    public static async Task<CookieContainer> SignInAsync(string address, string userName, string password)
    {
        var cookies = new CookieContainer();
        using var handler = new HttpClientHandler { CookieContainer = cookies };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(address) };
        var page = await http.GetStringAsync(new Uri("/account/sign-in", UriKind.Relative));
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = AntiforgeryField().Match(page).Groups["token"].Value,
                ["Form.UserName"] = userName,
                ["Form.Password"] = password,
            }
        );
        using var answer = await http.PostAsync(new Uri("/account/sign-in", UriKind.Relative), form);
        answer.EnsureSuccessStatusCode();
        return answer.RequestMessage!.RequestUri!.AbsolutePath == "/account/sign-in"
            ? throw new InvalidOperationException($"{userName} could not sign in.")
            : cookies;
    }

    /// <summary>Opens a page and its circuit.</summary>
    /// <param name="js">The browser's answer, in JSON, to a call of a JavaScript function with these arguments; null for
    /// <c>null</c>.</param>
    /// <param name="rendered">Is called with each batch.</param>
    /// <param name="forge">Changes the page's markers before they are sent back.</param>
    public static async Task<CircuitClient> OpenAsync(
        string address,
        CookieContainer cookies,
        string path,
        Func<string, JsonElement, string?> js,
        Action<RenderBatch> rendered,
        Func<string, string>? forge = null
    )
    {
        using var handler = new HttpClientHandler { CookieContainer = cookies, UseCookies = true };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(address) };
        var page = await http.GetStringAsync(new Uri(path, UriKind.Relative));
        var markers = Marker().Matches(page).Select(m => forge?.Invoke(m.Groups["json"].Value) ?? m.Groups["json"].Value).ToList();
        if (markers.Count == 0)
        {
            throw new InvalidOperationException($"{path} has no circuit.");
        }

        var state = State().Match(page) is { Success: true } found ? found.Groups["state"].Value : "";
        var builder = new HubConnectionBuilder().WithUrl(
            address + "/_blazor",
            HttpTransportType.WebSockets,
            options => options.Cookies = cookies
        );
        builder.Services.AddSingleton<IHubProtocol>(new BlazorPack());
        var client = new CircuitClient(builder.Build(), js) { Rendered = rendered };
        await client._connection.StartAsync();
        if (string.IsNullOrEmpty(await client._connection.InvokeAsync<string?>("StartCircuit", address + "/", address + path, "[]", "")))
        {
            throw new InvalidOperationException("No circuit was started: " + string.Join("; ", client.Errors));
        }

        var operations = markers.Select((marker, i) => $$"""{"type":"add","ssrComponentId":{{i + 1}},"marker":{{marker}}}""");
        await client.SendAsync("UpdateRootComponents", $$"""{"batchId":1,"operations":[{{string.Join(',', operations)}}]}""", state);
        return client;
    }

    /// <summary>A method of the hub, called raw.</summary>
    public Task SendAsync(string method, params object?[] arguments) => _connection.SendCoreAsync(method, arguments);

    /// <summary>Calls a method of a component that JavaScript may call.</summary>
    /// <param name="target">Number of the object, as the page gave it to JavaScript.</param>
    /// <param name="arguments">A JSON array.</param>
    public Task InvokeAsync(long target, string method, string arguments) =>
        SendAsync(
            "BeginInvokeDotNetFromJS",
            Interlocked.Increment(ref _calls).ToString(CultureInfo.InvariantCulture),
            null,
            method,
            target,
            arguments
        );

    /// <summary>Reports a click to an event handler of the page.</summary>
    /// <param name="renderer">Number of the object that JavaScript got as the renderer's.</param>
    public Task ClickAsync(long renderer, ulong eventHandler) =>
        InvokeAsync(
            renderer,
            "DispatchEventAsync",
            $$"""[{"eventHandlerId":{{eventHandler}},"eventName":"click","eventFieldInfo":null},{"detail":1,"button":0,"buttons":0,"type":"click"}]"""
        );

    /// <summary>The number under which an argument of a call to JavaScript names a .NET object.</summary>
    public static long? ObjectIn(JsonElement arguments)
    {
        foreach (var argument in arguments.EnumerateArray())
        {
            if (argument.ValueKind == JsonValueKind.Object && argument.TryGetProperty("__dotNetObject", out var number))
            {
                return number.GetInt64();
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.StopAsync().WaitAsync(s_patience);
        await _connection.DisposeAsync();
    }

    private Task RenderAsync(int number, byte[] data)
    {
        Rendered?.Invoke(new RenderBatch(data));
        return SendAsync("OnRenderCompleted", (long)number, null);
    }

    private async Task AnswerAsync(long call, string name, string arguments)
    {
        using var parsed = JsonDocument.Parse(string.IsNullOrEmpty(arguments) ? "[]" : arguments);
        var answer = _js(name, parsed.RootElement.Clone()) ?? Usual(name);
        if (call != 0)
        {
            await SendAsync("EndInvokeJSFromDotNet", call, true, $"[{call},true,{answer}]");
        }
    }

    // What any browser answers to the questions that each page asks.
    private static string Usual(string function) =>
        function switch
        {
            "webTrainer.prefersDark" => "false",
            "import" or "attach" => """{"__jsObjectId":1}""",
            "window.hasOwnProperty" => "true",
            "mudpopoverHelper.countProviders" => "1",
            "mudResizeListener.getBrowserWindowSize" => """{"width":1280,"height":800}""",
            "mudElementRef.getBoundingClientRect" =>
                """{"left":0,"top":0,"width":800,"height":600,"windowWidth":1280,"windowHeight":800,"scrollX":0,"scrollY":0}""",
            _ => "null",
        };

    [GeneratedRegex("""name="__RequestVerificationToken"[^>]*value="(?<token>[^"]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AntiforgeryField();

    [GeneratedRegex("<!--Blazor:(?<json>\\{\"type\":\"server\".*?\\})-->", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Marker();

    [GeneratedRegex("<!--Blazor-Server-Component-State:(?<state>.*?)-->", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex State();
}
