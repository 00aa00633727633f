using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Runs;

/// <summary>Answers that a run shows as it learns.</summary>
public static class SampleWords
{
    /// <summary>A shorter beginning in common is chance.</summary>
    private const int FewestInCommon = 20;

    /// <summary>The right answer, but for room around it.</summary>
    public static bool IsRight(SampleEvent sample) => sample.Text.Trim() == sample.Expected.Trim();

    /// <summary>What is a row's own of its prompt: an instruction that stands before every row tells none apart.</summary>
    /// <param name="prompts">Of all rows that are shown.</param>
    public static string Own(string prompt, IEnumerable<string> prompts)
    {
        var others = prompts.Where(p => p != prompt).Distinct().ToList();
        if (others.Count == 0)
        {
            return prompt;
        }

        var common = others.Min(other => Common(prompt, other));
        if (common < FewestInCommon)
        {
            return prompt;
        }

        // Words stay whole.
        var start = prompt.LastIndexOfAny([' ', '\n', '\t'], Math.Min(common, prompt.Length) - 1) + 1;
        return start == 0 ? prompt : "… " + prompt[start..];
    }

    private static int Common(string first, string second)
    {
        var length = Math.Min(first.Length, second.Length);
        var i = 0;
        while (i < length && first[i] == second[i])
        {
            i++;
        }

        return i;
    }
}
