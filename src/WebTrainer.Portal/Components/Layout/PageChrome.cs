namespace WebTrainer.Portal.Components.Layout;

/// <summary>
/// What a page tells the side bar and the head of the portal: which project it belongs to, and that the project's state changed.
/// </summary>
public sealed class PageChrome
{
    public Guid? ProjectId { get; private set; }

    /// <summary>Raised on the circuit's own context.</summary>
    public event Action? Changed;

    public void Show(Guid? projectId)
    {
        if (ProjectId == projectId)
        {
            return;
        }

        ProjectId = projectId;
        Changed?.Invoke();
    }

    /// <summary>A step of the project was done: the side bar reads it again.</summary>
    public void ProjectChanged() => Changed?.Invoke();
}
