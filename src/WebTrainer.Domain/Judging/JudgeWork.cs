namespace WebTrainer.Domain.Judging;

/// <summary>What a judge can be asked to do.</summary>
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

/// <summary>Where the work stands.</summary>
public enum JudgeWorkState
{
    /// <summary>Waits or runs; after a restart of the portal it goes on.</summary>
    Open,

    /// <summary>Ended well, with a result.</summary>
    Done,

    /// <summary>Ended by an error; it can go on behind the last verdict.</summary>
    Failed,

    /// <summary>Ended by a person; it can go on behind the last verdict.</summary>
    Stopped,
}

/// <summary>One thing that a judge was asked to do, as it is remembered over a restart.</summary>
public sealed class JudgeWork
{
    /// <summary>Longer ones are cut, not refused.</summary>
    public const int MaxErrorLength = 2000;

    /// <summary>By which pages follow it.</summary>
    public Guid Id { get; private set; } = Guid.CreateVersion7();

    /// <summary>The judge's project, kept here too: by it is decided who may see the work.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The judge as it is now; as it was when it was asked it stands in <see cref="Settings"/>.</summary>
    public Guid JudgeId { get; private set; }

    /// <summary>What is asked of the judge; <see cref="Request"/> and <see cref="Result"/> are read by it.</summary>
    public JudgeWorkKind Kind { get; private set; }

    /// <summary>The labeling task, or the evaluation.</summary>
    public Guid Subject { get; private set; }

    /// <summary>What was asked for, as JSON.</summary>
    public string Request { get; private set; } = "{}";

    /// <summary>The judge as it was when it was asked, without its key, as JSON.</summary>
    public string Settings { get; private set; } = "{}";

    /// <summary>SHA-256 of <see cref="Settings"/>: a calibration holds for verdicts of the same alone.</summary>
    public string SettingsSha256 { get; private set; } = "";

    /// <summary>What failed or was stopped may become open again.</summary>
    public JudgeWorkState State { get; private set; }

    /// <summary>Why it failed, in a sentence; null where it did not, and again from a resume on.</summary>
    public string? Error { get; private set; }

    /// <summary>Its figures as JSON, once it is done.</summary>
    public string? Result { get; private set; }

    /// <summary>User id of who asked for it.</summary>
    public string CreatedBy { get; private set; } = "";

    /// <summary>Their name when they asked, for what is noted after a restart.</summary>
    public string CreatedByName { get; private set; } = "";

    /// <summary>When it was first asked for; a resume leaves it as it is.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Null while it is open, and again from a resume on.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Grows with each change: who ends it and who stops it at once collide here.</summary>
    public int Revision { get; private set; }

    private JudgeWork() { }

    /// <summary>Open work, which takes its project from the judge.</summary>
    /// <param name="judge">Who is asked.</param>
    /// <param name="kind">Decides how request and result are read.</param>
    /// <param name="subject">As <see cref="Subject"/>.</param>
    /// <param name="request">As JSON, checked by the caller.</param>
    /// <param name="settings">The judge as it is now, without its key, as JSON.</param>
    /// <param name="settingsSha256">Of <paramref name="settings"/>; not checked here.</param>
    /// <param name="userId">User id of who asks.</param>
    /// <param name="userName">Their name now, under which the work is noted after a restart.</param>
    /// <param name="now">When it is asked for.</param>
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

    /// <summary>It holds the judge against people; its subject is then a labeling task, otherwise an evaluation.</summary>
    public bool IsCalibration => Kind is JudgeWorkKind.CalibratePairs or JudgeWorkKind.CalibrateScores;

    /// <summary>Keeps the figures and ends it.</summary>
    /// <param name="result">As JSON.</param>
    /// <param name="now">When it ended.</param>
    public void Done(string result, DateTimeOffset now)
    {
        Result = result;
        End(JudgeWorkState.Done, now);
    }

    /// <summary>Ends it without figures; the verdicts it has stay. An error longer than <see cref="MaxErrorLength"/> is cut.</summary>
    public void Fail(string error, DateTimeOffset now)
    {
        Error = error.Length > MaxErrorLength ? error[..MaxErrorLength] : error;
        End(JudgeWorkState.Failed, now);
    }

    /// <summary>Ends it on a person's word; the verdicts it has stay.</summary>
    /// <exception cref="RuleViolationException">It is not open.</exception>
    public void Stop(DateTimeOffset now)
    {
        if (State != JudgeWorkState.Open)
        {
            throw new RuleViolationException("It has ended already.");
        }

        End(JudgeWorkState.Stopped, now);
    }

    /// <summary>Goes on behind the last verdict.</summary>
    /// <exception cref="RuleViolationException">It is open, or was done.</exception>
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
