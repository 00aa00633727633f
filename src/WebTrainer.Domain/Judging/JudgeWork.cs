namespace WebTrainer.Domain.Judging;

public enum JudgeWorkKind
{
    /// <summary>Held against the experts' choices in a comparison of models.</summary>
    CalibratePairs,

    /// <summary>Held against the experts' points in a task.</summary>
    CalibrateScores,

    /// <summary>Which of two models of an evaluation answers better.</summary>
    ComparePairs,

    /// <summary>How good the answers of an evaluation's models are.</summary>
    Score,
}

public enum JudgeWorkState
{
    /// <summary>Waits or runs; after a restart of the portal it goes on.</summary>
    Open,
    Done,
    Failed,
    Stopped,
}

/// <summary>One thing that a judge was asked to do, as it is remembered over a restart.</summary>
public sealed class JudgeWork
{
    public const int MaxErrorLength = 2000;

    public Guid Id { get; private set; } = Guid.CreateVersion7();
    public Guid ProjectId { get; private set; }
    public Guid JudgeId { get; private set; }
    public JudgeWorkKind Kind { get; private set; }

    /// <summary>The labeling task, or the evaluation.</summary>
    public Guid Subject { get; private set; }

    /// <summary>What was asked for, as JSON.</summary>
    public string Request { get; private set; } = "{}";

    /// <summary>The judge as it was when it was asked, without its key, as JSON.</summary>
    public string Settings { get; private set; } = "{}";

    /// <summary>SHA-256 of <see cref="Settings"/>: a calibration holds for verdicts of the same alone.</summary>
    public string SettingsSha256 { get; private set; } = "";
    public JudgeWorkState State { get; private set; }
    public string? Error { get; private set; }

    /// <summary>Its figures as JSON, once it is done.</summary>
    public string? Result { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public string CreatedByName { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Grows with each change: who ends it and who stops it at once collide here.</summary>
    public int Revision { get; private set; }

    private JudgeWork() { }

    public JudgeWork(
        Judge judge,
        JudgeWorkKind kind,
        Guid subject,
        string request,
        string settings,
        string settingsSha256,
        string userId,
        string userName,
        DateTimeOffset now
    ) =>
        (ProjectId, JudgeId, Kind, Subject, Request, Settings, SettingsSha256, CreatedBy, CreatedByName, CreatedAt) = (
            judge.ProjectId,
            judge.Id,
            kind,
            subject,
            request,
            settings,
            settingsSha256,
            userId,
            userName,
            now
        );

    public bool IsCalibration => Kind is JudgeWorkKind.CalibratePairs or JudgeWorkKind.CalibrateScores;

    public void Done(string result, DateTimeOffset now)
    {
        Result = result;
        End(JudgeWorkState.Done, now);
    }

    public void Fail(string error, DateTimeOffset now)
    {
        Error = error.Length > MaxErrorLength ? error[..MaxErrorLength] : error;
        End(JudgeWorkState.Failed, now);
    }

    public void Stop(DateTimeOffset now)
    {
        if (State != JudgeWorkState.Open)
        {
            throw new RuleViolationException("It has ended already.");
        }

        End(JudgeWorkState.Stopped, now);
    }

    /// <summary>Goes on behind the last verdict.</summary>
    public void Resume()
    {
        if (State is not (JudgeWorkState.Failed or JudgeWorkState.Stopped))
        {
            throw new RuleViolationException("Only what failed or was stopped can go on.");
        }

        (State, Error, EndedAt) = (JudgeWorkState.Open, null, null);
        Revision++;
    }

    private void End(JudgeWorkState state, DateTimeOffset now)
    {
        (State, EndedAt) = (state, now);
        Revision++;
    }
}
