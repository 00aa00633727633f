using System.Text;
using WebTrainer.Statistics;

namespace WebTrainer.Benchmarks.Drift;

/// <summary>What is done to a window's messages.</summary>
internal static class Changes
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";

    /// <summary>A share of the messages with typing errors: in each word of four letters or more, with a chance of one in five, two letters
    /// swapped, one left out, one typed twice or another one typed.</summary>
    public static IReadOnlyList<BankMessage> Typing(IReadOnlyList<BankMessage> messages, double share, long seed)
    {
        const int LeastLetters = 4,
            OneIn = 5;
        var random = SplitMix.Of(seed, 4);
        string Word(string word) => word.Length < LeastLetters || random.Below(OneIn) > 0 ? word : Mistyped(word, ref random);
        return
        [
            .. messages.Select(message =>
                random.Share() < share ? message with { Text = string.Join(' ', message.Text.Split(' ').Select(Word)) } : message
            ),
        ];
    }

    /// <summary>A share of the messages with another message behind them.</summary>
    public static IReadOnlyList<BankMessage> Longer(IReadOnlyList<BankMessage> messages, double share, long seed)
    {
        var random = SplitMix.Of(seed, 5);
        return
        [
            .. messages.Select(message =>
                random.Share() < share ? message with { Text = $"{message.Text} {messages[random.Below(messages.Count)].Text}" } : message
            ),
        ];
    }

    private static string Mistyped(string word, ref SplitMix random)
    {
        var (letters, place) = (new StringBuilder(word), random.Below(word.Length - 1));
        switch (random.Below(4))
        {
            case 0:
                (letters[place], letters[place + 1]) = (letters[place + 1], letters[place]);
                break;
            case 1:
                letters.Remove(place, 1);
                break;
            case 2:
                letters.Insert(place, letters[place]);
                break;
            default:
                letters[place] = Letters[random.Below(Letters.Length)];
                break;
        }

        return letters.ToString();
    }
}
