using Microsoft.AspNetCore.Components;
using WebTrainer.Portal.Components;

namespace WebTrainer.Portal.Features.Admin;

/// <summary>What both pages of the audit log take from their address.</summary>
public abstract class AuditPageBase : PortalPage
{
    [SupplyParameterFromQuery]
    public string? Filter { get; set; }

    [SupplyParameterFromQuery]
    public string? Person { get; set; }

    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    [SupplyParameterFromQuery]
    public DateOnly? From { get; set; }

    [SupplyParameterFromQuery]
    public DateOnly? To { get; set; }

    [SupplyParameterFromQuery]
    public int Skip { get; set; }

    protected AuditQuery Query => new(Filter, Person, Kind, From, To);
}
