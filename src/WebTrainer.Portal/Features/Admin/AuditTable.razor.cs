using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Features.Admin;

/// <summary>Acts as sentences, filtered; what is asked for stands in the address.</summary>
public sealed partial class AuditTable
{
    private const int PageSize = 50;
    private AuditPage _page = new([], 0, []);

    [CascadingParameter]
    public required Task<AuthenticationState> SignIn { get; set; }

    /// <summary>Null: the server's.</summary>
    [Parameter]
    public Guid? ProjectId { get; set; }

    [Parameter, EditorRequired]
    public required AuditQuery Query { get; set; }

    /// <summary>How many later acts are passed over.</summary>
    [Parameter]
    public int Skip { get; set; }

    private string ExportPath => ProjectId is { } id ? $"/api/v1/projects/{id}/audit.csv" : "/api/v1/server/audit.csv";

    private static string Zone => $"{TimeZoneInfo.Local.Id} (UTC{DateTimeOffset.Now.ToString("zzz", CultureInfo.InvariantCulture)})";

    protected override async Task OnParametersSetAsync() =>
        _page = await Log.ReadAsync(
            Caller.From((await SignIn).User),
            ProjectId,
            Query,
            Math.Max(0, Skip),
            PageSize,
            CancellationToken.None
        );

    /// <summary>The words before and after what it was done to; after it null where it was done to nothing.</summary>
    private static (string Before, string? After) Parts(AuditLine line) =>
        AuditWords.Of(line.Entry.Action).Split(AuditWords.Subject) is [var before, var after]
            ? (before, after)
            : (AuditWords.Of(line.Entry.Action), null);

    private void Show(AuditQuery query)
    {
        var asked = AuditFilter.Write(query);
        Navigation.NavigateTo(Navigation.Uri.Split('?')[0] + (asked.Length > 0 ? "?" + asked : ""), replace: true);
    }

    private string At(int skip) => Navigation.GetUriWithQueryParameter("skip", skip == 0 ? null : skip);

    private static string? Text(ChangeEventArgs changed) => changed.Value?.ToString() is { Length: > 0 } text ? text : null;

    private static DateOnly? Date(ChangeEventArgs changed) =>
        DateOnly.TryParseExact(changed.Value?.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;

    private static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
