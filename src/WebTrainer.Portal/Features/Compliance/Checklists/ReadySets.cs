using System.Globalization;
using WebTrainer.Domain.Policies;
using WebTrainer.Pipeline.Documentation;
using static WebTrainer.Portal.Features.Compliance.Checklists.PointState;

namespace WebTrainer.Portal.Features.Compliance.Checklists;

/// <summary>
/// Three ready sets: the principles of the GDPR (Regulation (EU) 2016/679), HIPAA's Safe Harbor (45 CFR 164.514 (b) (2)), and the
/// technical documentation of the EU AI Act (Regulation (EU) 2024/1689, annex IV). Each point says what this portal knows; none of it is
/// legal advice.
/// </summary>
public static class ReadySets
{
    private const string NotAdvice = "It helps to prepare an audit and is no legal advice.";

    public static IReadOnlyList<Checklist> Of(ChecklistFacts facts) => [Gdpr(facts), Hipaa(facts), AiAct(facts)];

    /// <summary>Rules that go with a set, beside those that a policy has.</summary>
    public static ProjectPolicy Rules(string id, ProjectPolicy policy) =>
        id switch
        {
            "gdpr" => policy with
            {
                NoPersonalData = true,
                RetentionDays = policy.RetentionDays ?? 365,
                TwoApprovers = true,
                SelfApprovedBelow = null,
            },
            "hipaa" => policy with { NoPersonalData = true, TwoApprovers = true, SelfApprovedBelow = null },
            "ai-act" => policy with { LeaksAnswered = true, TwoApprovers = true, SelfApprovedBelow = null },
            _ => throw new ArgumentOutOfRangeException(nameof(id), id, message: null),
        };

    private static Checklist Gdpr(ChecklistFacts facts) =>
        new(
            "gdpr",
            "GDPR",
            $"Principles of Regulation (EU) 2016/679 for data that a model learns from. {NotAdvice}",
            [
                Said(facts, "Art. 5 (1) (a), 6", "A lawful ground for each use", s => s.Consent, "On what ground is personal data used?"),
                Said(facts, "Art. 5 (1) (b)", "A purpose that is named", s => s.Purpose, "Why was it made?"),
                Personal(facts, "Art. 5 (1) (c)", "No more personal data than is needed"),
                facts.Data?.Agreement is { Count: > 0 } agreement
                    ? new("Art. 5 (1) (d)", "Data is right", Met, agreement[^1].Sentence)
                    : new("Art. 5 (1) (d)", "Data is right", NeedsPerson, "Nobody's agreement on the labels is known: look at some rows."),
                facts.Policy.RetentionDays is { } days
                    ? new("Art. 5 (1) (e)", "Kept no longer than needed", Met, $"The policy lets data be used for {days:N0} days.")
                    : new(
                        "Art. 5 (1) (e)",
                        "Kept no longer than needed",
                        Failed,
                        "The policy sets no number of days. Set it on the page Policy."
                    ),
                new(
                    "Art. 5 (1) (f), 32",
                    "Security",
                    NeedsPerson,
                    "Rights are checked at each use, and refusals noted. Files lie unencrypted on the server's disk: say how that is protected."
                ),
                new(
                    "Art. 5 (2)",
                    "Accountability",
                    Met,
                    "Each act is in a log that proves that nobody changed it; who approved what stands there."
                ),
                new(
                    "Art. 15 to 17",
                    "People get and erase what is theirs",
                    NeedsPerson,
                    "Nothing here finds one person's rows in all versions by itself: say how it is done."
                ),
                new(
                    "Art. 22",
                    "No decision by the model alone",
                    NeedsPerson,
                    "Say who looks at what the model answers before it has an effect on somebody."
                ),
                facts.Spec?.Privacy is { } privacy
                    ? new("Art. 25", "Protection by design", Met, $"It learned under a privacy budget of ε {Number(privacy.Epsilon)}.")
                    : new(
                        "Art. 25",
                        "Protection by design",
                        NeedsPerson,
                        "It learned without a privacy budget: say why it can't give rows away."
                    ),
                new(
                    "Art. 30",
                    "Records of processing",
                    NeedsPerson,
                    "The audit log and this list are a beginning; the record itself is kept elsewhere."
                ),
                new("Art. 35", "Impact assessment", NeedsPerson, "Say whether one is needed, and where it is."),
            ]
        );

    private static Checklist Hipaa(ChecklistFacts facts)
    {
        ChecklistPoint Found(char letter, string what) => Personal(facts, $"(2) (i) ({letter})", what);
        ChecklistPoint Ask(char letter, string what, string why = "The program doesn't look for it: look at the columns and some rows.") =>
            new($"(2) (i) ({letter})", what, NeedsPerson, why);
        return new(
            "hipaa",
            "HIPAA de-identification",
            $"Safe Harbor, 45 CFR 164.514 (b) (2): eighteen kinds of identifiers are gone. {NotAdvice}",
            [
                Ask('A', "Names", "The program finds names only behind a title: look at some rows."),
                Ask('B', "Places smaller than a state"),
                Ask(
                    'C',
                    "Days, but for the year",
                    "The step “Personal data” takes days out where its kind “Date” is chosen: look whether it was."
                ),
                Found('D', "Telephone numbers"),
                Found('E', "Fax numbers"),
                Found('F', "Mail addresses"),
                Ask(
                    'G',
                    "Social security numbers",
                    "The step “Personal data” takes them out where their kind is chosen: look whether it was."
                ),
                Ask('H', "Medical record numbers"),
                Ask('I', "Health plan numbers"),
                Ask('J', "Account numbers", "The program finds IBANs and payment cards; others need a person."),
                Ask('K', "Certificate and licence numbers"),
                Ask('L', "Vehicles and their plates"),
                Ask('M', "Devices and their serial numbers"),
                Ask('N', "Web addresses", "The step “Personal data” takes them out where its kind “URL” is chosen: look whether it was."),
                Found('O', "IP addresses"),
                Ask('P', "Fingerprints and voices, as data"),
                new("(2) (i) (Q)", "Full-face photographs", Met, "Rows are texts; images are not taken in."),
                Ask('R', "Any other number that is one person's"),
                new(
                    "(2) (ii)",
                    "Nobody knows how to tell a person from the rest",
                    NeedsPerson,
                    "Who handed the data over says so in writing."
                ),
            ]
        );
    }

    private static Checklist AiAct(ChecklistFacts facts) =>
        new(
            "ai-act",
            "EU AI Act, technical documentation",
            $"Annex IV of Regulation (EU) 2024/1689. {NotAdvice}",
            [
                facts.Purpose is { Length: > 0 } purpose
                    ? new(
                        "1 (a)",
                        "Intended purpose",
                        NeedsPerson,
                        $"The endpoint says: “{purpose}”. Say whether that is all, and who provides it."
                    )
                    : new("1 (a)", "Intended purpose", Failed, "No endpoint says what it is for. Write it where the endpoint is made."),
                new(
                    "1 (b), (c)",
                    "What it works with, and versions of software",
                    Met,
                    "Versions, licences and hashes of all parts are in the evidence pack."
                ),
                facts.Purpose is not null
                    ? new("1 (d)", "Forms in which it is put into service", Met, "It answers as an endpoint of this portal.")
                    : new(
                        "1 (d)",
                        "Forms in which it is put into service",
                        NeedsPerson,
                        "It isn't deployed here: say in which form it is given out."
                    ),
                new("1 (e) to (h)", "Hardware, looks, user's instructions", NeedsPerson, "Written by those who put it into service."),
                facts.Spec is not null
                    ? new(
                        "2 (a)",
                        "Methods and steps of development",
                        Met,
                        $"{facts.Run}: base, method and all settings are kept with their hash."
                    )
                    : new("2 (a)", "Methods and steps of development", Failed, "Nobody here knows how it was trained."),
                new(
                    "2 (b)",
                    "Design, and what it optimises",
                    NeedsPerson,
                    "Settings and objective are in the pack; why they were chosen is for people to say."
                ),
                new("2 (c)", "Architecture and computing", Met, "Base, device, steps and times are in the pack."),
                Sheet(facts),
                new("2 (e)", "Human oversight", NeedsPerson, "Say who can overrule or stop it. A lead retires an endpoint at once."),
                new(
                    "2 (f)",
                    "Changes that are foreseen",
                    NeedsPerson,
                    "Each change is a new version that people approve; say what is foreseen."
                ),
                facts.Report is { } report
                    ? new(
                        "2 (g)",
                        "Validation and testing",
                        Met,
                        $"Judged on {report.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows that it did not learn from, with intervals."
                    )
                    : new("2 (g)", "Validation and testing", Failed, "It has not been evaluated. Evaluate it first."),
                facts.Data?.Bias is not null
                    ? new("2 (g)", "Discriminatory impacts", Met, "Labels were audited by groups; the datasheet has the figures.")
                    : new(
                        "2 (g)",
                        "Discriminatory impacts",
                        NeedsPerson,
                        "Labels weren't audited by groups. Do so on the page of the version, or say why no group is concerned."
                    ),
                new(
                    "2 (h)",
                    "Cybersecurity",
                    NeedsPerson,
                    "What this portal does against which threat stands in docs/security.md; say what protects the server."
                ),
                new(
                    "3",
                    "Monitoring, limits, foreseeable misuse",
                    NeedsPerson,
                    "The model card leaves room for it, and says so while it is open."
                ),
                facts.Goals > 0
                    ? new("4", "Metrics are appropriate", Met, $"{facts.Goals:N0} goals were set, against which results are shown.")
                    : new("4", "Metrics are appropriate", Failed, "The project has no goal. Set one on the page Goals."),
                new("5", "Risk management", NeedsPerson, "Article 9 asks for a system of it, which is kept elsewhere."),
                new("6", "Changes through the lifecycle", Met, "Versions, approvals and promotions are in the audit log."),
                new("7, 8", "Standards and declaration of conformity", NeedsPerson, "Written by the provider."),
                facts.Alerts > 0
                    ? new("9", "Monitoring after it is in service", Met, $"{facts.Alerts:N0} alerts watch the endpoint.")
                    : new(
                        "9",
                        "Monitoring after it is in service",
                        NeedsPerson,
                        "No alert watches an endpoint of it: say how it is watched."
                    ),
            ]
        );

    private static ChecklistPoint Personal(ChecklistFacts facts, string reference, string point) =>
        facts.PersonalRows switch
        {
            0 => new(reference, point, Met, "The program looked at all rows and found none."),
            null => new(reference, point, Failed, "Nobody has looked. A policy without personal data has publishing look at all rows."),
            { } rows => new(reference, point, Failed, $"{rows:N0} rows hold some. Clean them with the step “Personal data”."),
        };

    private static ChecklistPoint Said(
        ChecklistFacts facts,
        string reference,
        string point,
        Func<SheetAnswers, string> answer,
        string question
    ) =>
        facts.Data?.Answers is { } sheet && answer(sheet) is { Length: > 0 } said
            ? new(reference, point, NeedsPerson, $"The datasheet says: “{said}”. Say whether that holds.")
            : new(reference, point, Failed, $"The datasheet doesn't answer “{question}”. Write it on the page of the version.");

    private static ChecklistPoint Sheet(ChecklistFacts facts)
    {
        const string Reference = "2 (d)",
            Point = "Data: where from, what it is, how it was labelled and cleaned";
        if (facts.Data is not { } data)
        {
            return new(Reference, Point, Failed, "Nobody here knows what it learned from.");
        }

        var open = data.Answers.Questions().Where(q => q.Answer.Length == 0).Select(q => $"“{q.Question}”").ToList();
        return open.Count == 0
            ? new(Reference, Point, Met, "The datasheet answers all questions, and says what was done to the rows.")
            : new(Reference, Point, Failed, $"The datasheet doesn't answer {string.Join(", ", open)}.");
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
