using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using WebTrainer.Data;
using WebTrainer.Domain;
using WebTrainer.Domain.Access;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Hosting;

/// <summary>
/// <c>Idempotency-Key</c> of a POST to <c>/api/v1</c> (IETF draft-ietf-httpapi-idempotency-key-header): a program that heard no answer
/// sends the request again with the same key, and gets the answer of the first. Keys are each person's own and live for
/// <see cref="CommandReceipt.KeptFor"/>.
/// </summary>
public sealed class IdempotencyKeys(IDbContextFactory<AppDb> databases, TimeProvider time)
{
    public const string Header = "Idempotency-Key";

    /// <summary>Of an answer that was given before.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>A key is for commands; files have an upload that goes on where it broke off.</summary>
    private const int MaxBodyBytes = 4 * 1024 * 1024;
    private const int MaxAnswerBytes = 256 * 1024;
    private readonly Dictionary<(string UserId, string Key), Task> _underWay = [];

    private sealed record Answer(int Status, string? ContentType, string? Location, string Body);

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var key = http.Request.Headers[Header].ToString();
        if (key.Length == 0 || !HttpMethods.IsPost(http.Request.Method) || http.User.Identity?.IsAuthenticated != true)
        {
            await next(http);
            return;
        }

        var userId = Caller.From(http.User).UserId;
        var command = await CommandAsync(http.Request, http.RequestAborted);
        using var turn = await TurnAsync(userId, key, http.RequestAborted);
        if (await BeginAsync(new CommandReceipt(userId, key, command, time.GetUtcNow()), http.RequestAborted) is { } before)
        {
            await ReplayAsync(http, before);
        }
        else
        {
            await DoAsync(http, next, userId, key);
        }
    }

    /// <returns>The receipt of a request that ended; null when this is the first.</returns>
    private async Task<CommandReceipt?> BeginAsync(CommandReceipt receipt, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var oldest = receipt.At - CommandReceipt.KeptFor;
        await db.CommandReceipts.Where(r => r.At < oldest).ExecuteDeleteAsync(cancellationToken);
        var before = await db
            .CommandReceipts.AsNoTracking()
            .SingleOrDefaultAsync(r => r.UserId == receipt.UserId && r.Key == receipt.Key, cancellationToken);
        if (before is null)
        {
            db.CommandReceipts.Add(receipt);
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }

        if (before.Command != receipt.Command)
        {
            throw new RuleViolationException(
                $"This {Header} was used for another request. Take a new key for each thing that you ask for, and the same one only to ask again."
            );
        }

        return before.Ended
            ? before
            : throw new ConflictException(
                "A request with this key began and the server ended before it did. Look whether it was done before you ask with a new key."
            );
    }

    private async Task DoAsync(HttpContext http, RequestDelegate next, string userId, string key)
    {
        var (sink, answer, asked) = (http.Response.Body, new MemoryStream(), http.RequestAborted);
        http.Response.Body = answer;
        http.RequestAborted = CancellationToken.None; // who hangs up and asks again wants it done once, not half
        try
        {
            await next(http);
        }
        catch
        {
            await ForgetAsync(userId, key); // nothing was done: the next try is a first one
            throw;
        }
        finally
        {
            http.Response.Body = sink;
        }

        if (http.Response.StatusCode is >= 200 and < 300)
        {
            await KeepAsync(http, userId, key, answer);
        }
        else
        {
            await ForgetAsync(userId, key);
        }

        answer.Position = 0;
        await answer.CopyToAsync(sink, asked);
    }

    // What was done is written down even where nobody waits for the answer any more: they will ask again.
    private async Task KeepAsync(HttpContext http, string userId, string key, MemoryStream answer)
    {
        var body = answer.Length <= MaxAnswerBytes ? Encoding.UTF8.GetString(answer.ToArray()) : null;
        var result = body is null
            ? null
            : JsonSerializer.Serialize(
                new Answer(http.Response.StatusCode, http.Response.ContentType, http.Response.Headers.Location, body)
            );
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await db
            .CommandReceipts.Where(r => r.UserId == userId && r.Key == key)
            .ExecuteUpdateAsync(set => set.SetProperty(r => r.Ended, true).SetProperty(r => r.Result, result), CancellationToken.None);
    }

    private async Task ForgetAsync(string userId, string key)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await db.CommandReceipts.Where(r => r.UserId == userId && r.Key == key).ExecuteDeleteAsync(CancellationToken.None);
    }

    private static async Task ReplayAsync(HttpContext http, CommandReceipt before)
    {
        if (before.Result is null)
        {
            throw new ConflictException(
                "A request with this key was done before; its answer is too long to be given again. Read what it made instead."
            );
        }

        var answer = JsonSerializer.Deserialize<Answer>(before.Result)!;
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        http.Response.Headers[ReplayedHeader] = "true";
        if (answer.Location is not null)
        {
            http.Response.Headers.Location = answer.Location;
        }

        await http.Response.WriteAsync(answer.Body, http.RequestAborted);
    }

    /// <summary>What is asked for: the path, and a hash of everything that says it.</summary>
    private static async Task<string> CommandAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        request.EnableBuffering(MaxBodyBytes, MaxBodyBytes + buffer.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Path}{request.QueryString}\n"));
        for (int read, sum = 0; (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            if ((sum += read) > MaxBodyBytes)
            {
                throw new RuleViolationException(
                    $"{Header} is for requests of at most {MaxBodyBytes:N0} bytes. Uploads go on where they broke off without it."
                );
            }

            hash.AppendData(buffer, 0, read);
        }

        request.Body.Position = 0;
        return $"{Convert.ToHexStringLower(hash.GetHashAndReset())} {request.Path}";
    }

    /// <summary>Waits while the same key is under way.</summary>
    private async Task<Turn> TurnAsync(string userId, string key, CancellationToken cancellationToken)
    {
        for (var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); ; )
        {
            Task before;
            lock (_underWay)
            {
                if (_underWay.TryAdd((userId, key), mine.Task))
                {
                    return new Turn(this, (userId, key), mine);
                }

                before = _underWay[(userId, key)];
            }

            await before.WaitAsync(cancellationToken);
        }
    }

    private sealed class Turn(IdempotencyKeys owner, (string UserId, string Key) key, TaskCompletionSource ended) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._underWay)
            {
                owner._underWay.Remove(key);
            }

            ended.SetResult();
        }
    }
}
