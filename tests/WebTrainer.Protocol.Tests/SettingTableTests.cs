using System.Reflection;
using System.Text.Json;
using WebTrainer.Protocol.Settings;

namespace WebTrainer.Protocol.Tests;

/// <summary>Holds the table to the records: a property without a row, or a row that writes another property, fails here.</summary>
public sealed class SettingTableTests
{
    // What is no setting: the server adds it when the spec is made, or when a classifier has been trained.
    private static readonly string[] s_added = ["objective.teacherSha256", "classifier.labels"];

    private static readonly Dictionary<SettingGroup, Type> s_groups = new()
    {
        [SettingGroup.Objective] = typeof(ObjectiveSpec),
        [SettingGroup.Method] = typeof(MethodSpec),
        [SettingGroup.Classifier] = typeof(ClassifierSpec),
        [SettingGroup.Training] = typeof(TrainingSettings),
        [SettingGroup.Privacy] = typeof(PrivacySpec),
    };

    public static TheoryData<string> Paths => [.. SettingTable.All.Select(setting => setting.Path)];

    [Fact]
    public void EveryProperty_HasItsRow()
    {
        var properties = s_groups.SelectMany(group =>
            group
                .Value.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanWrite)
                .Select(property => $"{group.Key.ToString().ToLowerInvariant()}.{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}")
        );
        Assert.Equal(properties.Except(s_added).Order(), SettingTable.All.Select(setting => setting.Path).Order());
    }

    [Fact]
    public void Ids_AreOnesOwn() => Assert.Equal(SettingTable.All.Count, SettingTable.All.Select(setting => setting.Id).Distinct().Count());

    [Theory]
    [MemberData(nameof(Paths))]
    public void Set_ChangesItsOwnPropertyInTheFile_AndNoOther(string path)
    {
        var setting = Row(path);
        var changed = setting.Set(TuningSettings.Default, Another(setting));
        Assert.Equal([path], Different(TuningSettings.Default, changed));
        Assert.Equal(Another(setting), setting.Get(changed));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Default_IsWithinItsBounds_AndItsWordsAreThere(string path)
    {
        var setting = Row(path);
        Assert.EndsWith(".", setting.Help, StringComparison.Ordinal);
        Assert.NotEqual("", setting.Words(TuningSettings.Default));
        if (setting.Default is double or int)
        {
            Assert.InRange(Convert.ToDouble(setting.Default, System.Globalization.CultureInfo.InvariantCulture), setting.Low, setting.High);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void NumberOutOfItsBounds_IsRefused_WithItsLabelAndItsPlaceInTheFile(string path)
    {
        var setting = Row(path);
        if (setting.Kind is not (SettingKind.Number or SettingKind.Whole))
        {
            return;
        }

        foreach (var outside in (double[])[setting.Low - (setting.Low == 0 ? 1 : Math.Abs(setting.Low)), setting.High + setting.High])
        {
            var refusal = SettingRules.WhyNot(
                setting.Set(Meaningful(setting), setting.Kind == SettingKind.Whole ? (int)Math.Min(outside, int.MaxValue) : outside)
            );
            Assert.Contains($"“{setting.Label}” ({path}) is ", refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Choices_AreTheEnumerationsMembers_EachWithALabel(string path)
    {
        var setting = Row(path);
        if (setting.Kind != SettingKind.Choice)
        {
            return;
        }

        Assert.Equal(Enum.GetNames(setting.Default!.GetType()).Order(), setting.Choices.Select(choice => choice.Value).Order());
        Assert.All(setting.Choices, choice => Assert.NotEqual("", choice.Label));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Range_IsWithinTheBounds_AndReadsBack(string path)
    {
        var setting = Row(path);
        if (setting.Range is not { } range)
        {
            return;
        }

        foreach (var text in range.Values ?? [Text(setting, range.Low), Text(setting, range.High)])
        {
            Assert.Null(SettingRules.WhyNot(setting.Read(Meaningful(setting), text)));
        }
    }

    [Fact]
    public void Trim_SetsBackWhatHasNoMeaning_AndKeepsTheRest()
    {
        var settings = new TuningSettings() with
        {
            Method = new MethodSpec
            {
                Method = TuningMethod.AdaLoRA,
                RankStabilised = true,
                Rank = 7,
            },
            Objective = new ObjectiveSpec { Kind = ObjectiveKind.Answers, Teacher = "larger" },
        };
        var trimmed = SettingTable.Trim(settings);
        Assert.False(trimmed.Method.RankStabilised);
        Assert.Null(trimmed.Objective.Teacher);
        Assert.Equal(7, trimmed.Method.Rank);
        Assert.DoesNotContain("embed_tokens", trimmed.Method.Targets);
        Assert.Null(trimmed.Classifier);
        Assert.Null(SettingRules.WhyNot(trimmed));
    }

    private static Setting Row(string path) => SettingTable.All.Single(setting => setting.Path == path);

    private static string Text(Setting setting, double number) =>
        setting.Kind == SettingKind.Whole
            ? ((int)number).ToString(System.Globalization.CultureInfo.InvariantCulture)
            : number.ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Settings under which it has a meaning.</summary>
    private static TuningSettings Meaningful(Setting setting)
    {
        TuningSettings[] tried =
        [
            new(),
            TuningSettings.Default,
            TuningSettings.Default with
            {
                Classifier = new() { Kind = ClassificationKind.SeveralLabels },
            },
            new TuningSettings() with
            {
                Objective = new() { Kind = ObjectiveKind.Preferences },
            },
            .. Enum.GetValues<PreferenceLoss>()
                .Select(loss =>
                    new TuningSettings() with
                    {
                        Objective = new() { Kind = ObjectiveKind.Preferences, Loss = loss },
                    }
                ),
            new TuningSettings() with
            {
                Objective = new() { Kind = ObjectiveKind.Distillation, Teacher = "larger" },
            },
            new TuningSettings() with
            {
                Privacy = new() { Epsilon = 3 },
            },
        ];
        var found = tried.First(setting.Applies);
        return found with { Method = found.Method with { Targets = MethodSpec.AllLinear } };
    }

    private static object Another(Setting setting) =>
        setting.Default switch
        {
            double number => number + 0.125,
            int number => number + 3,
            bool on => !on,
            Enum choice => Enum.GetValues(choice.GetType()).Cast<object>().Last(other => !other.Equals(choice)),
            IReadOnlyList<string> => (IReadOnlyList<string>)["q_proj"],
            _ => setting.Kind == SettingKind.Whole ? 17 : "another",
        };

    private static IEnumerable<string> Different(TuningSettings a, TuningSettings b)
    {
        var (left, right) = (Flat(a), Flat(b));
        return left.Keys.Union(right.Keys).Where(key => left.GetValueOrDefault(key) != right.GetValueOrDefault(key));
    }

    private static Dictionary<string, string> Flat(TuningSettings settings) =>
        (
            from groups in JsonSerializer.SerializeToNode(settings, ProtocolJson.Line)!.AsObject()
            where groups.Value is System.Text.Json.Nodes.JsonObject
            from setting in groups.Value!.AsObject()
            select ($"{groups.Key}.{setting.Key}", setting.Value?.ToJsonString() ?? "null")
        ).ToDictionary();
}
