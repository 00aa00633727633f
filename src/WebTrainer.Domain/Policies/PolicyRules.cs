using System.Globalization;

namespace WebTrainer.Domain.Policies;

/// <summary>A rule of a policy.</summary>
public enum PolicyRule
{
    /// <summary>The policy itself can be read.</summary>
    Readable,

    /// <summary>Of <see cref="ProjectPolicy.Licenses"/>.</summary>
    Licenses,

    /// <summary>Of <see cref="ProjectPolicy.NoPersonalData"/>.</summary>
    PersonalData,

    /// <summary>Of <see cref="ProjectPolicy.LeaksAnswered"/>.</summary>
    Leaks,

    /// <summary>Of <see cref="ProjectPolicy.Agreement"/>.</summary>
    Agreement,

    /// <summary>Of <see cref="ProjectPolicy.Epsilon"/>.</summary>
    PrivacyBudget,

    /// <summary>Of <see cref="ProjectPolicy.RetentionDays"/>.</summary>
    Retention,

    /// <summary>Of <see cref="ProjectPolicy.AttestedNode"/>.</summary>
    AttestedNode,
}

/// <summary>What one rule says of something.</summary>
/// <param name="Sentence">Where it fails, what is wrong and what to do; else what meets it.</param>
public sealed record PolicyFinding(PolicyRule Rule, bool IsMet, string Sentence);

/// <summary>
/// Judges facts by a policy: the one place where each rule is asked. That two people approve is asked where they do
/// (<see cref="Runs.Run.ApproveFirst"/>).
/// </summary>
public static class PolicyRules
{
    /// <summary>Said where a policy asks for an attested node.</summary>
    public const string NoAttestation =
        "This server gives no attestation of what it runs on, and the project's policy asks for an attested node: nothing trains or answers here before a lead takes that rule away.";

    /// <param name="facts">Null where nothing is known of the data, as of an adapter that was brought in; of an act without data, as
    /// <see cref="JudgeNode"/>.</param>
    /// <param name="subject">What is judged where there are no facts, as a name: "run 3".</param>
    /// <returns>What each rule that is set and has a say in this act finds, in the order of the rules.</returns>
    public static IReadOnlyList<PolicyFinding> Judge(
        ProjectPolicy policy,
        PolicyAct act,
        PolicyFacts? facts,
        string subject,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(policy);
        if (policy.IsDamaged)
        {
            return
            [
                new(
                    PolicyRule.Readable,
                    IsMet: false,
                    "The project's policy in the database can't be read, so nothing passes it. A lead sets it anew on the page Policy."
                ),
            ];
        }

        var asked = Asked(policy, act).ToList();
        return
        [
            .. asked
                .Where(rule => rule is not PolicyRule.AttestedNode)
                .Select(rule => facts is null ? Unknown(rule, subject) : Of(rule, policy, facts, now)),
            .. asked.Contains(PolicyRule.AttestedNode) ? (PolicyFinding[])[new(PolicyRule.AttestedNode, IsMet: false, NoAttestation)] : [],
        ];
    }

    /// <summary>As <see cref="Judge"/>, for what no data is part of: a base model that answers as it is.</summary>
    public static IReadOnlyList<PolicyFinding> JudgeNode(ProjectPolicy policy) =>
        [
            .. Judge(
                policy with
                {
                    Licenses = [],
                    NoPersonalData = false,
                    LeaksAnswered = false,
                    Agreement = null,
                    Epsilon = null,
                    RetentionDays = null,
                },
                PolicyAct.Deploy,
                null,
                "",
                default
            ),
        ];

    /// <summary>Rules that are set and have a say in an act.</summary>
    private static IEnumerable<PolicyRule> Asked(ProjectPolicy policy, PolicyAct act)
    {
        var isModel = act is PolicyAct.Run or PolicyAct.Deploy or PolicyAct.ExportModel;
        if (policy.Licenses.Count > 0)
        {
            yield return PolicyRule.Licenses;
        }

        if (policy.NoPersonalData && act != PolicyAct.Import)
        {
            yield return PolicyRule.PersonalData;
        }

        if (policy.LeaksAnswered && (isModel || act == PolicyAct.Publish))
        {
            yield return PolicyRule.Leaks;
        }

        if (policy.Agreement is not null && (isModel || act == PolicyAct.Publish))
        {
            yield return PolicyRule.Agreement;
        }

        if (policy.Epsilon is not null && isModel)
        {
            yield return PolicyRule.PrivacyBudget;
        }

        if (policy.RetentionDays is not null && act is not (PolicyAct.Deploy or PolicyAct.ExportModel))
        {
            yield return PolicyRule.Retention;
        }

        if (policy.AttestedNode && act is PolicyAct.Run or PolicyAct.Deploy)
        {
            yield return PolicyRule.AttestedNode;
        }
    }

    private static PolicyFinding Unknown(PolicyRule rule, string subject) =>
        new(
            rule,
            IsMet: false,
            $"Nobody here knows what {subject} learned from, and the project's policy asks for {Noun(rule)}. Train it here, or take the rule away."
        );

    private static PolicyFinding Of(PolicyRule rule, ProjectPolicy policy, PolicyFacts facts, DateTimeOffset now) =>
        rule switch
        {
            PolicyRule.Licenses => Licenses(policy.Licenses, facts),
            PolicyRule.PersonalData => PersonalData(facts),
            PolicyRule.Leaks => Leaks(facts),
            PolicyRule.Agreement => Agreement(policy.Agreement!.Value, facts),
            PolicyRule.PrivacyBudget => Privacy(policy.Epsilon!.Value, facts),
            PolicyRule.Retention => Retention(policy.RetentionDays!.Value, facts, now),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, message: null),
        };

    private static PolicyFinding Licenses(IReadOnlyList<string> allowed, PolicyFacts facts)
    {
        var unknown = facts.Sources.Where(s => s.License.Length == 0).Select(s => s.File).ToList();
        var other = facts
            .Sources.Where(s => s.License.Length > 0 && !allowed.Contains(s.License, StringComparer.OrdinalIgnoreCase))
            .Select(s => $"{s.File} ({s.License})")
            .ToList();
        var wrong = new List<string>();
        if (unknown.Count > 0)
        {
            wrong.Add($"Nobody has noted the licence of {And(unknown)}: note it under Sources on the page of {facts.Name}.");
        }

        if (other.Count > 0)
        {
            wrong.Add($"The project's policy allows the licences {And(allowed)}, not that of {And(other)}: use other files.");
        }

        return new(
            PolicyRule.Licenses,
            wrong.Count == 0,
            wrong.Count == 0 ? $"Every source of {facts.Name} has an allowed licence." : string.Join(' ', wrong)
        );
    }

    private static PolicyFinding PersonalData(PolicyFacts facts) =>
        facts.PersonalRows switch
        {
            0 => new(PolicyRule.PersonalData, IsMet: true, $"The program looked at all rows of {facts.Name} and found no personal data."),
            null => new(
                PolicyRule.PersonalData,
                IsMet: false,
                $"Nobody has looked for personal data in {facts.Name}. Clean it with the step “Personal data” and publish the version that comes of it, which looks at all rows."
            ),
            { } rows => new(
                PolicyRule.PersonalData,
                IsMet: false,
                $"{rows:N0} {(rows == 1 ? "row" : "rows")} of {facts.Name} {(rows == 1 ? "holds" : "hold")} personal data, such as mail addresses or phone numbers. Clean it with the step “Personal data” and use the version that comes of it."
            ),
        };

    private static PolicyFinding Leaks(PolicyFacts facts) =>
        facts switch
        {
            { LeakRows: null } => new(
                PolicyRule.Leaks,
                IsMet: false,
                $"Nobody has counted the rows of {facts.Name} that leak into those they are judged by. Publish it, which counts them."
            ),
            { LeakRows: > 0, LeaksAnswered: false } => new(
                PolicyRule.Leaks,
                IsMet: false,
                $"{facts.LeakRows:N0} rows of {facts.Name} stand among those they are judged by. Clean them out, or a lead writes on its page why it is used all the same."
            ),
            _ => new(
                PolicyRule.Leaks,
                IsMet: true,
                facts.LeakRows == 0
                    ? $"No row of {facts.Name} leaks."
                    : $"A lead has answered for {facts.LeakRows:N0} rows of {facts.Name} that leak."
            ),
        };

    private static PolicyFinding Agreement(double least, PolicyFacts facts)
    {
        if (facts.Agreement.Count == 0)
        {
            return new(
                PolicyRule.Agreement,
                IsMet: false,
                $"The labels of {facts.Name} came with its files, so that nobody knows how far people agree on them. Have two people or more label them here."
            );
        }

        var below = facts.Agreement.Where(a => a.Alpha is not { } alpha || alpha < least).ToList();
        return new(
            PolicyRule.Agreement,
            below.Count == 0,
            below.Count == 0
                ? $"People agreed on {facts.Name} by α {Number(facts.Agreement.Min(a => a.Alpha!.Value))} or more."
                : $"The project's policy asks for an agreement of α {Number(least)}; on {And([.. below.Select(a => $"“{a.Question}” it is {(a.Alpha is { } alpha ? Number(alpha) : "undefined")}")])}. Make the guidelines plainer and have more items answered by two people."
        );
    }

    private static PolicyFinding Privacy(double most, PolicyFacts facts)
    {
        var privacy = facts.Privacy ?? new PolicyPrivacy(null, 0, []);
        if (privacy.Unbounded.Count > 0)
        {
            return new(
                PolicyRule.PrivacyBudget,
                IsMet: false,
                $"{(privacy.Unbounded.Count == 1 ? "Run" : "Runs")} {And([.. privacy.Unbounded.Select(n => n.ToString(CultureInfo.InvariantCulture))])} learned from {facts.Name} without a privacy budget, so that nothing bounds what is told of its rows. Use a version of other rows."
            );
        }

        if (privacy.Asked is not { } asked)
        {
            return new(
                PolicyRule.PrivacyBudget,
                IsMet: false,
                $"The project's policy asks for a privacy budget of ε at most {Number(most)}, and this has none. Set “Privacy budget (ε)” in the run's settings."
            );
        }

        var all = asked + privacy.Told;
        return all <= most * (1 + 1e-9)
            ? new(PolicyRule.PrivacyBudget, IsMet: true, $"All runs on {facts.Name} tell at most ε {Number(all)} of its rows.")
            : new(
                PolicyRule.PrivacyBudget,
                IsMet: false,
                privacy.Told == 0
                    ? $"The privacy budget is ε {Number(asked)}; the project's policy allows at most {Number(most)}. Set a smaller one."
                    : $"The privacy budget is ε {Number(asked)}, and other runs on {facts.Name} take {Number(privacy.Told)}; the project's policy allows at most {Number(most)} together. Set a smaller one, or use a version of other rows."
            );
    }

    private static PolicyFinding Retention(int days, PolicyFacts facts, DateTimeOffset now)
    {
        var old = facts
            .Sources.Where(s => s.ReceivedAt.AddDays(days) < now)
            .Select(s => $"{s.File} (received {s.ReceivedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)})")
            .ToList();
        return new(
            PolicyRule.Retention,
            old.Count == 0,
            old.Count == 0
                ? $"No source of {facts.Name} is older than {days:N0} days."
                : $"The project's policy lets data be used for {days:N0} days, and {And(old)} {(old.Count == 1 ? "is" : "are")} older. Use newer files."
        );
    }

    /// <summary>What a rule asks for, as the end of a sentence.</summary>
    private static string Noun(PolicyRule rule) =>
        rule switch
        {
            PolicyRule.Licenses => "known licences",
            PolicyRule.PersonalData => "rows without personal data",
            PolicyRule.Leaks => "leaks that are answered for",
            PolicyRule.Agreement => "people's agreement",
            PolicyRule.PrivacyBudget => "a privacy budget",
            PolicyRule.Retention => "data that is not too old",
            _ => "more",
        };

    private static string And(IReadOnlyList<string> names) =>
        names.Count == 1 ? names[0] : string.Join(", ", names.Take(names.Count - 1)) + " and " + names[^1];

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
