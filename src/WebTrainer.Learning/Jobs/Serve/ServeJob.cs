using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Models;
using WebTrainer.Learning.Serving;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Jobs;

/// <summary>Answers generation requests until it is told to stop or nobody asks any more.</summary>
public sealed class ServeJob(JobContext<ServeSpec> context) : IJob
{
    private const int MaximumSocketBytes = 100;
    private static readonly TimeSpan s_controlInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_figuresInterval = TimeSpan.FromMinutes(1);
    private string? _told;

    /// <summary>
    /// Loads base and adapters, listens on the spec's socket, and answers until it is stopped or idle for the spec's time.
    /// </summary>
    /// <returns>Stopped where that was asked for; Completed after the idle time.</returns>
    /// <exception cref="InvalidDataException">The socket's path is not absolute or longer than 100 bytes of UTF-8, or the environment holds
    /// no token.</exception>
    /// <exception cref="ModelFileException">A model or adapter can't be used.</exception>
    public WorkerState Run(CancellationToken cancellationToken)
    {
        var spec = context.Spec;
        if (!Path.IsPathFullyQualified(spec.Socket) || System.Text.Encoding.UTF8.GetByteCount(spec.Socket) > MaximumSocketBytes)
        {
            throw new InvalidDataException($"The socket's path must be absolute and at most {MaximumSocketBytes} bytes long.");
        }

        var token = Environment.GetEnvironmentVariable(spec.TokenVariable) is { Length: > 0 } secret
            ? secret
            : throw new InvalidDataException($"The environment variable {spec.TokenVariable} holds no token.");
        var loop = LoopOf(spec, cancellationToken);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var server = new SocketServer(spec.Socket, token, loop);
        server.Listen();
        _ = server.AcceptAsync(stopping.Token);
        using var watch = new Timer(_ => StopWhenAsked(stopping), null, s_controlInterval, s_controlInterval);
        context.Events.Write(new StateEvent(WorkerState.Running));
        using var telling = new Timer(_ => TellFigures(loop), null, s_figuresInterval, s_figuresInterval);
        loop.Run(spec.IdleTimeout, stopping.Token);
        TellFigures(loop);
        var asked = stopping.IsCancellationRequested;
        stopping.Cancel();
        return asked ? WorkerState.Stopped : WorkerState.Completed;
    }

    private static IServeLoop LoopOf(ServeSpec spec, CancellationToken cancellationToken)
    {
        var device = JobDevice.Prepare(spec);
        if (ModelTypes.IsEncoder(ModelConfig.Read(spec.BaseModel).Type))
        {
            return new ClassifyLoop(new ClassifierSet(spec.BaseModel, spec.Adapters, spec.Precision, device, cancellationToken));
        }

        var models = new ModelSet(spec.BaseModel, spec.Adapters, spec.Precision, device, cancellationToken);
        return new ServeLoop(
            models,
            ConversationEncoder.Of(spec.BaseModel, spec.Template, models.ContextTokens, models.Config.IsEncoderDecoder),
            (long)spec.PrefixCacheMiB << 20
        );
    }

    private void TellFigures(IServeLoop loop)
    {
        if (loop.Figures is { } figures && Interlocked.Exchange(ref _told, figures) != figures)
        {
            context.Events.Write(new LogEvent("info", figures));
        }
    }

    private void StopWhenAsked(CancellationTokenSource stopping)
    {
        if (context.Control.Poll().Any(message => message.Action is ControlAction.Stop or ControlAction.StopAndSave))
        {
            stopping.Cancel();
        }
    }
}
