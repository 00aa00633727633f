namespace WebTrainer.Portal.Components.Layout;

/// <summary>
/// What a page tells the side bar and the head of the portal: which project it belongs to, that the project's state changed, and where
/// the help speaks of it.
/// </summary>
public sealed class PageChrome
{
    public Guid? ProjectId { get; private set; }

    /// <summary>Null until the side bar has read it, and where the page belongs to no project.</summary>
    public string? ProjectName { get; private set; }

    /// <summary>The part of the guide that speaks of the page that is shown.</summary>
    public string? HelpTopic { get; private set; }

    /// <summary>Raised on the circuit's own context.</summary>
    public event Action? Changed;

    /// <summary>The project's name became known, or another.</summary>
    public event Action? Named;

    public void Show(Guid? projectId)
    {
        if (ProjectId == projectId)
        {
            return;
        }

        ProjectId = projectId;
        Name(null);
        Changed?.Invoke();
    }

    public void Name(string? project)
    {
        if (ProjectName == project)
        {
            return;
        }

        ProjectName = project;
        Named?.Invoke();
    }

    public void HelpOn(string topic) => HelpTopic = topic;

    /// <summary>A step of the project was done: the side bar reads it again.</summary>
    public void ProjectChanged() => Changed?.Invoke();
}
