using WebTrainer.Domain.Runs;

namespace WebTrainer.Domain.Searches;

public enum SearchState
{
    /// <summary>Not approved yet, or rejected.</summary>
    Submitted,
    Running,

    /// <summary>No new trial begins; those that run go on.</summary>
    Paused,

    /// <summary>All trials were made, or the budget is spent.</summary>
    Completed,
    Stopped,
}

/// <summary>
/// A search for good settings: what somebody submitted and somebody else approved once, and the trials made of it. Each trial is a run
/// whose settings lie within the approved bounds.
/// </summary>
public sealed class SettingSearch
{
    public const int MaxNameLength = 100;
    public const int MaxReasonLength = 1000;

    public Guid Id { get; private set; }
    public Guid ProjectId { get; private set; }
    public int Number { get; private set; }
    public string Name { get; private set; } = "";
    public Guid DatasetVersionId { get; private set; }
    public string BaseModel { get; private set; } = "";

    /// <summary>Space, sampler, limits and the settings that stay the same, as JSON; what was approved is what is searched.</summary>
    public string Spec { get; private set; } = "";

    /// <summary>SHA-256 of <see cref="Spec"/>, to which the approval is bound.</summary>
    public string SpecSha256 { get; private set; } = "";
    public ApprovalState Approval { get; private set; }
    public string SubmittedBy { get; private set; } = "";
    public DateTimeOffset SubmittedAt { get; private set; }
    public string? DecidedBy { get; private set; }
    public DateTimeOffset? DecidedAt { get; private set; }
    public string? DecisionReason { get; private set; }
    public SearchState State { get; private set; }

    /// <summary>Why it is as it is, where that is not plain: the budget is spent, the trials fail.</summary>
    public string? Note { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    public List<SearchTrial> Trials { get; } = [];

    /// <summary>Grows with each change; two who change a search at once collide here.</summary>
    public int Revision { get; private set; }

    private SettingSearch() { }

    public SettingSearch(
        Guid id,
        Guid projectId,
        int number,
        string name,
        Guid datasetVersionId,
        string baseModel,
        string spec,
        string specSha256,
        string submittedBy,
        DateTimeOffset now
    )
    {
        name = name.Trim();
        if (name.Length is 0 or > MaxNameLength)
        {
            throw new RuleViolationException($"A search's name has 1 to {MaxNameLength} characters.");
        }

        Id = id;
        ProjectId = projectId;
        Number = number;
        Name = name;
        DatasetVersionId = datasetVersionId;
        BaseModel = baseModel;
        Spec = spec;
        SpecSha256 = specSha256;
        SubmittedBy = submittedBy;
        SubmittedAt = now;
    }

    public bool HasEnded => State is SearchState.Completed or SearchState.Stopped;

    /// <summary>Approves exactly the search that the approver saw, with all trials within its bounds; it begins.</summary>
    /// <param name="seenSha256">Hash of the search shown to the approver.</param>
    public void Approve(string userId, string seenSha256, DateTimeOffset now)
    {
        CheckOpen();
        if (userId == SubmittedBy)
        {
            throw new RuleViolationException("Nobody approves their own search. Ask another lead of this project.");
        }

        if (seenSha256 != SpecSha256)
        {
            throw new RuleViolationException(
                "The search changed after you opened this page. Load it again and read it before you approve."
            );
        }

        Decide(ApprovalState.Approved, userId, null, now);
        State = SearchState.Running;
    }

    public void Reject(string userId, string reason, DateTimeOffset now)
    {
        CheckOpen();
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > MaxReasonLength)
        {
            throw new RuleViolationException($"Say why the search is rejected, in at most {MaxReasonLength} characters.");
        }

        Decide(ApprovalState.Rejected, userId, reason.Trim(), now);
    }

    /// <summary>Lets trials that run go on and begins no others.</summary>
    public void Pause(string? note)
    {
        if (State != SearchState.Running)
        {
            throw new RuleViolationException("Only a search that runs can be paused.");
        }

        Change(SearchState.Paused, note);
    }

    /// <summary>It stays as it is and says why nothing begins for the moment.</summary>
    public void Wait(string note)
    {
        if (Note != note)
        {
            Change(State, note);
        }
    }

    /// <summary>Pauses what runs, and says why, whatever it was.</summary>
    public void PutAside(string note)
    {
        if (State == SearchState.Running)
        {
            Pause(note);
        }
        else
        {
            Wait(note);
        }
    }

    public void Continue()
    {
        if (State != SearchState.Paused)
        {
            throw new RuleViolationException("Only a paused search can go on.");
        }

        Change(SearchState.Running, null);
    }

    public void Stop(DateTimeOffset now)
    {
        if (State is not (SearchState.Running or SearchState.Paused))
        {
            throw new RuleViolationException("Only a search that runs or is paused can be stopped.");
        }

        Change(SearchState.Stopped, null);
        EndedAt = now;
    }

    public void Complete(string? note, DateTimeOffset now)
    {
        Change(SearchState.Completed, note);
        EndedAt = now;
    }

    /// <summary>Adds the next trial; two who add it at once collide.</summary>
    public SearchTrial Begin(string point)
    {
        if (State != SearchState.Running)
        {
            throw new RuleViolationException("Trials begin only while the search runs.");
        }

        var trial = new SearchTrial(Id, Trials.Count, point);
        Trials.Add(trial);
        Note = null;
        Revision++;
        return trial;
    }

    private void CheckOpen()
    {
        if (Approval != ApprovalState.Submitted)
        {
            throw new RuleViolationException($"This search was already {(Approval == ApprovalState.Approved ? "approved" : "rejected")}.");
        }
    }

    private void Decide(ApprovalState approval, string userId, string? reason, DateTimeOffset now)
    {
        Approval = approval;
        DecidedBy = userId;
        DecidedAt = now;
        DecisionReason = reason;
        Revision++;
    }

    private void Change(SearchState state, string? note)
    {
        State = state;
        Note = note;
        Revision++;
    }
}
