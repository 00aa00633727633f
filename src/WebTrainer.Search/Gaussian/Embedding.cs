namespace WebTrainer.Search.Gaussian;

/// <summary>Points as vectors: a number has one axis from 0 to 1, a choice one a value; what has no value lies in the middle.</summary>
internal sealed class Embedding(SearchSpace space)
{
    private const double Absent = 0.5;

    /// <summary>For each axis, which parameter it is of.</summary>
    public IReadOnlyList<int> ParameterOf { get; } = [.. space.Parameters.SelectMany((p, index) => Enumerable.Repeat(index, WidthOf(p)))];

    public double[] Of(IReadOnlyDictionary<string, double> point)
    {
        var vector = new double[ParameterOf.Count];
        var axis = 0;
        foreach (var parameter in space.Parameters)
        {
            var width = WidthOf(parameter);
            var known = point.TryGetValue(parameter.Name, out var value);
            for (var i = 0; i < width; i++)
            {
                vector[axis + i] =
                    !known ? Absent
                    : parameter is ChoiceParameter
                        ? (int)value == i ? 1
                            : 0
                    : parameter.ToUnit(value);
            }

            axis += width;
        }

        return vector;
    }

    private static int WidthOf(Parameter parameter) => parameter is ChoiceParameter choice ? choice.Choices.Count : 1;
}
