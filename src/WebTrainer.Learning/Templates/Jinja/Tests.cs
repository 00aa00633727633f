using System.Numerics;

namespace WebTrainer.Learning.Templates.Jinja;

/// <summary>What stands behind <c>is</c>.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Func<object?, CallArguments, bool>> s_tests = Make();

    public static bool Has(string name) => s_tests.ContainsKey(name);

    /// <exception cref="TemplateException">There is no such test, or the value can't be asked so.</exception>
    public static bool Holds(string name, object? value, CallArguments arguments) =>
        s_tests.TryGetValue(name, out var test)
            ? test(value, arguments)
            : throw new TemplateException($"The test '{name}' is not known here.");

    private static Dictionary<string, Func<object?, CallArguments, bool>> Make()
    {
        var tests = new Dictionary<string, Func<object?, CallArguments, bool>>(StringComparer.Ordinal)
        {
            ["defined"] = (value, _) => value is not Undefined,
            ["undefined"] = (value, _) => value is Undefined,
            ["none"] = (value, _) => value is null,
            ["true"] = (value, _) => value is true,
            ["false"] = (value, _) => value is false,
            ["boolean"] = (value, _) => value is bool,
            ["string"] = (value, _) => value is string,
            ["number"] = (value, _) => Python.IsNumber(value),
            ["integer"] = (value, _) => value is long or BigInteger,
            ["float"] = (value, _) => value is double,
            ["mapping"] = (value, _) => value is PythonMap,
            ["sequence"] = (value, _) => value is string or PythonList or PythonMap or Undefined,
            ["iterable"] = (value, _) => value is string or PythonList or PythonMap or MapView or Generator or Undefined,
            ["callable"] = (value, _) => value is Callable or Undefined or Loop,
            ["odd"] = (value, _) => !Whole(value).IsEven,
            ["even"] = (value, _) => Whole(value).IsEven,
            ["divisibleby"] = (value, arguments) => Whole(value) % Whole(Only(arguments)) == 0,
            ["upper"] = (value, _) => Python.IsTrue(Methods.Of(Python.Text(value), "isupper")!(CallArguments.None)),
            ["lower"] = (value, _) => Python.IsTrue(Methods.Of(Python.Text(value), "islower")!(CallArguments.None)),
            ["in"] = (value, arguments) => Python.Contains(Only(arguments), value),
            ["sameas"] = (value, arguments) =>
                value is null or bool or string ? Equals(value, Only(arguments)) : ReferenceEquals(value, Only(arguments)),
            ["filter"] = (value, _) => value is string name && Filters.Has(name),
            ["test"] = (value, _) => value is string name && Has(name),
        };
        Add(["eq", "equalto", "=="], Python.AreEqual);
        Add(["ne", "!="], (left, right) => !Python.AreEqual(left, right));
        Add(["gt", "greaterthan", ">"], (left, right) => Python.Compare(left, right) > 0);
        Add(["ge", ">="], (left, right) => Python.Compare(left, right) >= 0);
        Add(["lt", "lessthan", "<"], (left, right) => Python.Compare(left, right) < 0);
        Add(["le", "<="], (left, right) => Python.Compare(left, right) <= 0);
        return tests;

        void Add(string[] names, Func<object?, object?, bool> holds)
        {
            foreach (var name in names)
            {
                tests[name] = (value, arguments) => holds(value, Only(arguments));
            }
        }
    }

    private static object? Only(CallArguments arguments) =>
        arguments.Placed.Count == 1
            ? arguments.Placed[0]
            : throw new TemplateException("A test is given another number of values than it takes.");

    private static BigInteger Whole(object? value) => value is Undefined none ? throw none.Failure() : Python.Whole(value);
}
