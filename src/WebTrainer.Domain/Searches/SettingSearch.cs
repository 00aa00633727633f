using WebTrainer.Domain.Runs;

namespace WebTrainer.Domain.Searches;

/// <summary>Where a search stands.</summary>
public enum SearchState
{
    /// <summary>Not approved yet, or rejected.</summary>
    Submitted,

    /// <summary>Trials begin as there is room for them.</summary>
    Running,

    /// <summary>No new trial begins; those that run go on.</summary>
    Paused,

    /// <summary>All trials were made, or the budget is spent.</summary>
    Completed,

    /// <summary>Ended by a person.</summary>
    Stopped,
}

/// <summary>
/// A search for good settings: what somebody submitted and somebody else approved once, and the trials made of it. Each trial is a run
/// whose settings lie within the approved bounds.
/// </summary>
public sealed class SettingSearch
{
    /// <summary>In UTF-16 units, after trimming.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Of a rejection, in UTF-16 units.</summary>
    public const int MaxReasonLength = 1000;

    /// <summary>Given by who hands it in; people say its number.</summary>
    public Guid Id { get; private set; }

    /// <summary>With <see cref="Number"/> unique.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>From the project's count, which runs and evaluations share.</summary>
    public int Number { get; private set; }

    /// <summary>What people call it, trimmed.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The published version that all trials train on.</summary>
    public Guid DatasetVersionId { get; private set; }

    /// <summary>Id of the base model's folder below the model root, the same for all trials.</summary>
    public string BaseModel { get; private set; } = "";

    /// <summary>Space, sampler, limits and the settings that stay the same, as JSON; what was approved is what is searched.</summary>
    public string Spec { get; private set; } = "";

    /// <summary>SHA-256 of <see cref="Spec"/>, to which the approval is bound.</summary>
    public string SpecSha256 { get; private set; } = "";

    /// <summary>Decided once, for all its trials.</summary>
    public ApprovalState Approval { get; private set; }

    /// <summary>User id of who handed it in, who can't approve it.</summary>
    public string SubmittedBy { get; private set; } = "";

    /// <summary>When it was handed in.</summary>
    public DateTimeOffset SubmittedAt { get; private set; }

    /// <summary>User id of who approved or rejected it; counts as who approved its trials.</summary>
    public string? DecidedBy { get; private set; }

    /// <summary>Null while it is submitted.</summary>
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>Why it was rejected; null otherwise.</summary>
    public string? DecisionReason { get; private set; }

    /// <summary>Moves only once <see cref="Approval"/> is approved.</summary>
    public SearchState State { get; private set; }

    /// <summary>Why it is as it is, where that is not plain: the budget is spent, the trials fail.</summary>
    public string? Note { get; private set; }

    /// <summary>When it completed or was stopped; null before, and for one that was rejected.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>By number from 0; the next one's number is their count, so that all must be read before one is added.</summary>
    public List<SearchTrial> Trials { get; } = [];

    /// <summary>Grows with each change; two who change a search at once collide here.</summary>
    public int Revision { get; private set; }

    private SettingSearch() { }

    /// <summary>Hands in a search, which does nothing until it is approved.</summary>
    /// <param name="id">Given by the caller.</param>
    /// <param name="projectId">The project it is in.</param>
    /// <param name="number">From <see cref="Projects.Project.TakeNumber"/>.</param>
    /// <param name="name">1 to <see cref="MaxNameLength"/> characters after trimming.</param>
    /// <param name="datasetVersionId">The published version that all trials train on.</param>
    /// <param name="baseModel">Id of the base's folder below the model root.</param>
    /// <param name="spec">What may be chosen, and how much of it, as JSON.</param>
    /// <param name="specSha256">Of <paramref name="spec"/>; not checked here.</param>
    /// <param name="submittedBy">User id of who hands it in.</param>
    /// <param name="now">When it is handed in.</param>
    /// <exception cref="RuleViolationException">The name, trimmed, is empty or too long.</exception>
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

    /// <summary>No trial begins any more; trials that run may still do so.</summary>
    public bool HasEnded => State is SearchState.Completed or SearchState.Stopped;

    /// <summary>Approves exactly the search that the approver saw, with all trials within its bounds; it begins.</summary>
    /// <param name="userId">User id of the approver, who can't be who handed it in.</param>
    /// <param name="seenSha256">Hash of the search shown to the approver.</param>
    /// <param name="now">When it is approved and begins.</param>
    /// <exception cref="RuleViolationException">It was decided on already, the approver handed it in, or it is not the search that was
    /// seen.</exception>
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

    /// <summary>Refuses it for good; its state stays as submitted.</summary>
    /// <exception cref="RuleViolationException">It was decided on already, or the reason is blank or too long.</exception>
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
    /// <exception cref="RuleViolationException">It does not run.</exception>
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

    /// <summary>Lets trials begin again.</summary>
    /// <exception cref="RuleViolationException">It is not paused.</exception>
    public void Continue()
    {
        if (State != SearchState.Paused)
        {
            throw new RuleViolationException("Only a paused search can go on.");
        }

        Change(SearchState.Running, null);
    }

    /// <summary>Ends it on a person's word; its trials are told elsewhere.</summary>
    /// <exception cref="RuleViolationException">It neither runs nor is paused.</exception>
    public void Stop(DateTimeOffset now)
    {
        if (State is not (SearchState.Running or SearchState.Paused))
        {
            throw new RuleViolationException("Only a search that runs or is paused can be stopped.");
        }

        Change(SearchState.Stopped, null);
        EndedAt = now;
    }

    /// <summary>Ends it when no trial is left to make.</summary>
    /// <param name="note">What brought it to its end; null where as many trials were made as were asked for.</param>
    /// <param name="now">When it ends.</param>
    public void Complete(string? note, DateTimeOffset now)
    {
        Change(SearchState.Completed, note);
        EndedAt = now;
    }

    /// <summary>Adds the next trial; two who add it at once collide.</summary>
    /// <exception cref="RuleViolationException">The search does not run.</exception>
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
