namespace WebTrainer.Portal.Hosting;

/// <summary>
/// Headers on each answer, errors included: nothing is loaded from elsewhere, no inline script runs, nobody frames the portal.
/// </summary>
public static class Headers
{
    public static HeaderPolicyCollection Policies() =>
        new HeaderPolicyCollection()
            .AddContentTypeOptionsNoSniff()
            .AddFrameOptionsDeny()
            .AddReferrerPolicyNoReferrer()
            .AddCrossOriginOpenerPolicy(policy => policy.SameOrigin())
            .AddStrictTransportSecurityMaxAgeIncludeSubDomains()
            .RemoveServerHeader()
            .AddContentSecurityPolicy(policy =>
            {
                policy.AddDefaultSrc().Self();
                policy.AddScriptSrc().Self().WithNonce(); // the API's description starts by a script in its page
                policy.AddStyleSrc().Self().UnsafeInline(); // MudBlazor places popovers and charts by style attributes
                policy.AddImgSrc().Self().Data(); // MudBlazor's icons in inputs are data images
                policy.AddFontSrc().Self();
                policy.AddConnectSrc().Self();
                policy.AddObjectSrc().None();
                policy.AddBaseUri().Self();
                policy.AddFormAction().Self();
                policy.AddFrameAncestors().None();
            });
}
