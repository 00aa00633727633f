using System.Net;
using System.Text.RegularExpressions;

namespace WebTrainer.Portal.Tests.Shared;

/// <summary>Forms of pages without a circuit, as a browser sends them.</summary>
internal static partial class SignInForm
{
    public const string Path = "/account/sign-in";

    /// <summary>Opens the page and signs in on it.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, string user, string password, string path = Path)
    {
        var cancellationToken = Xunit.TestContext.Current.CancellationToken;
        using var page = await client.GetAsync(path, cancellationToken);
        return await client.PostAsync(path, await FillAsync(page, ("Form.UserName", user), ("Form.Password", password)), cancellationToken);
    }

    /// <summary>A page's form with its hidden fields and these.</summary>
    public static async Task<FormUrlEncodedContent> FillAsync(HttpResponseMessage page, params (string Name, string Value)[] fields)
    {
        var html = await page.Content.ReadAsStringAsync(Xunit.TestContext.Current.CancellationToken);
        var hidden = HiddenField()
            .Matches(html)
            .Select(m => (Name: m.Groups["name"].Value, Value: WebUtility.HtmlDecode(m.Groups["value"].Value)));
        return new FormUrlEncodedContent(hidden.Concat(fields).Select(field => KeyValuePair.Create(field.Name, field.Value)));
    }

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]+)" value="(?<value>[^"]*)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HiddenField();
}
