using System.Text.Json;
using WebTrainer.Learning.Batching;
using WebTrainer.Learning.Training;
using WebTrainer.Protocol;

namespace WebTrainer.Learning.Privacy;

/// <summary>All that a private training has beside another: who is protected, who is taken by a step, and what it costs.</summary>
/// <param name="Source">Takes the units of each step.</param>
/// <param name="Account">The noise, and what is spent.</param>
/// <param name="Random">Draws both.</param>
/// <param name="UnitOf">Names the unit that a row belongs to.</param>
public sealed record PrivateSetup(PoissonSource Source, PrivacyAccount Account, PrivateRandom Random, Func<TokenRow, string> UnitOf)
{
    /// <param name="spec">Null where nothing bounds what the run tells.</param>
    /// <param name="data">With the groups of the rows where a column names them.</param>
    /// <param name="rows">All sequences of the run.</param>
    /// <param name="training">Batches and steps.</param>
    /// <param name="dropout">Applied anew to each row in each step.</param>
    /// <param name="random">Decides who is taken, and the noise.</param>
    /// <returns>Null where there is no budget.</returns>
    /// <exception cref="DataException">A row has no group.</exception>
    /// <exception cref="InvalidDataException">The budget can't be kept.</exception>
    public static PrivateSetup? Of(
        PrivacySpec? spec,
        DatasetFiles data,
        IReadOnlyList<TokenRow> rows,
        TrainingSettings training,
        PromptDropout dropout,
        PrivateRandom random
    )
    {
        if (spec is not { IsOn: true })
        {
            return null;
        }

        var unitOf = spec.GroupColumn is { } column ? ByGroup(column, data, rows) : row => row.Id;
        var source = new PoissonSource(rows, unitOf, training, dropout, random);
        return new(source, PrivacyAccount.Open(spec, source.Units, source.SampleRate, source.TotalSteps), random, unitOf);
    }

    /// <summary>How its steps are bounded and hidden.</summary>
    /// <param name="spec">With the clip norm.</param>
    public PrivateStep StepOf(PrivacySpec spec) => new(spec.ClipNorm, Account.Step.NoiseMultiplier, Source.ExpectedUnits);

    private static Func<TokenRow, string> ByGroup(string column, DatasetFiles data, IReadOnlyList<TokenRow> rows)
    {
        var file = data.Groups ?? throw new DataException($"The rows' values of '{column}' are not among the run's files.");
        var groups = File.ReadLines(DatasetReader.Checked(file))
            .Where(line => line.Length > 0)
            .Select(line => JsonSerializer.Deserialize<GroupedRow>(line, ProtocolJson.Line)!)
            .ToDictionary(row => row.Id, row => row.Group, StringComparer.Ordinal);
        return rows.FirstOrDefault(row => !groups.ContainsKey(row.Id)) is { } without
            ? throw new DataException(
                $"Row {without.Id} has no '{column}', so that nobody can say whose it is. Set such rows aside, or protect each row by itself."
            )
            : row => groups[row.Id];
    }
}
