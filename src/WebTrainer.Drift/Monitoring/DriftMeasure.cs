namespace WebTrainer.Drift;

/// <summary>What is compared.</summary>
public enum DriftMeasure
{
    /// <summary>Words of a text; Kolmogorov and Smirnov's test.</summary>
    Length,

    /// <summary>Share of a text's words that no other text of the reference has; a permutation test of its mean, of more only.</summary>
    UnknownWords,

    /// <summary>Words and pairs of words that stand in more texts than they did; a permutation test.</summary>
    Phrases,

    /// <summary>Languages; χ².</summary>
    Languages,

    /// <summary>Labels; χ², rare ones together.</summary>
    Labels,

    /// <summary>The model's probability of its label; Kolmogorov and Smirnov's test.</summary>
    Confidence,

    /// <summary>Vectors as a whole: MMD² by a permutation test.</summary>
    Meaning,

    /// <summary>Whether a classifier tells both sides apart by the vectors; area under its ROC curve.</summary>
    Recognisable,

    /// <summary>Whether rows of the window lie among themselves: nearest neighbours, by a permutation test.</summary>
    Topics,
}
