using Mono.Cecil;
using Mono.Cecil.Cil;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Tests.Architecture;

/// <summary>
/// Every act is in the audit log: from each public method of a service a way leads, in the compiled code, to where an entry is written.
/// What writes none only reads, and stands in a list with the reason.
/// </summary>
public sealed class ActsTests
{
    private const string Features = "WebTrainer.Portal.Features.";

    /// <summary>Where entries are written.</summary>
    private static readonly HashSet<string> s_writers =
    [
        "WebTrainer.Portal.Access.ProjectWork::Audit",
        "WebTrainer.Portal.Access.ProjectWork::AuditIn",
        "WebTrainer.Domain.Audit.AuditEntry::.ctor",
        // asks for work whose own entry is written where it is done: each IDatasetWork is looked at too
        "WebTrainer.Portal.Features.Datasets.Operations.DatasetOperations::StartAsync",
    ];

    /// <summary>Entries of what was refused are no entries of what is done.</summary>
    private static readonly HashSet<string> s_refusals =
    [
        "WebTrainer.Portal.Access.Authorizer",
        "WebTrainer.Portal.Access.RefusalLog",
        "WebTrainer.Portal.Access.ProjectWork::RefuseAsync",
        "WebTrainer.Portal.Features.Datasets.Policies.PolicyGate",
    ];

    [Fact]
    public void PublicMethods_OfServices_WriteIntoTheAuditLog_OrOnlyRead()
    {
        using var module = ModuleDefinition.ReadModule(typeof(Program).Assembly.Location);
        var code = new CallGraph(module, s_writers, s_refusals);
        var silent = module
            .GetTypes()
            .Where(IsService)
            .SelectMany(type =>
                type.Methods.Where(IsUseCase).Where(method => !code.Writes(method)).Select(method => $"{type.Name}.{method.Name}")
            )
            .ToHashSet();
        var unsaid = silent.Where(method => !PureReads.Reasons.ContainsKey(method)).Order(StringComparer.Ordinal).ToList();
        Assert.True(
            unsaid.Count == 0,
            $"These write nothing into the audit log, and stand in no list of reads:\n{string.Join('\n', unsaid)}"
        );
        var gone = PureReads.Reasons.Keys.Where(method => !silent.Contains(method)).Order(StringComparer.Ordinal).ToList();
        Assert.True(gone.Count == 0, $"These are called reads, and are gone or write an entry:\n{string.Join('\n', gone)}");
    }

    /// <summary>The looking itself finds what writes, over services that others call and code that waits.</summary>
    [Fact]
    public void Writes_OfKnownMethods_IsFound()
    {
        using var module = ModuleDefinition.ReadModule(typeof(Program).Assembly.Location);
        var code = new CallGraph(module, s_writers, s_refusals);
        bool Writes(string type, string method) =>
            module.GetTypes().Single(t => t.FullName == Features + type).Methods.Where(m => m.Name == method).All(code.Writes);
        Assert.True(Writes("Runs.RunService", "SubmitAsync"));
        Assert.True(Writes("Runs.RunService", "PauseAsync"));
        Assert.True(Writes("Searches.SearchService", "StopAsync"));
        Assert.False(Writes("Runs.RunService", "ListAsync"));
    }

    /// <summary>What opens use cases.</summary>
    private static bool IsService(TypeDefinition type) =>
        type.FullName.StartsWith(Features, StringComparison.Ordinal)
        && type.IsClass
        && !type.IsNested
        && type.Methods.Any(m => m.IsConstructor && m.Parameters.Any(p => p.ParameterType.FullName == typeof(Authorizer).FullName));

    private static bool IsUseCase(MethodDefinition method) =>
        method.IsPublic
        && !method.IsConstructor
        && !method.IsStatic
        && !method.IsSpecialName
        && method.Parameters.Any(p => p.ParameterType.Name is nameof(Caller) or "DatasetOperation");

    /// <summary>Which method of a module calls which, with what runs inside of async methods and lambdas.</summary>
    private sealed class CallGraph
    {
        private readonly Dictionary<string, List<string>> _calls;
        private readonly HashSet<string> _writing;

        public CallGraph(ModuleDefinition module, IReadOnlySet<string> writers, IReadOnlySet<string> refusals)
        {
            _calls = module
                .GetTypes()
                .SelectMany(type => type.Methods)
                .Where(method => method.HasBody && !refusals.Contains(Outermost(method.DeclaringType)))
                .GroupBy(method => method.FullName)
                .ToDictionary(
                    same => same.Key,
                    same => same.SelectMany(Called).Where(called => !refusals.Contains(ShortName(called))).ToList()
                );
            // whoever calls what writes, writes: until nobody is added
            _writing = [.. _calls.Where(m => m.Value.Exists(called => writers.Contains(ShortName(called)))).Select(m => m.Key)];
            for (var before = 0; before != _writing.Count; )
            {
                before = _writing.Count;
                _writing.UnionWith(_calls.Where(m => m.Value.Exists(_writing.Contains)).Select(m => m.Key).ToList());
            }
        }

        public bool Writes(MethodDefinition method) => _writing.Contains(method.FullName);

        private static IEnumerable<string> Called(MethodDefinition method)
        {
            foreach (var instruction in method.Body.Instructions)
            {
                if (instruction.Operand is MethodReference called && instruction.OpCode.FlowControl is FlowControl.Call or FlowControl.Next)
                {
                    yield return ((MethodReference)instruction.Operand).GetElementMethod().FullName;
                }
            }

            // an async method only begins its state machine, whose body is the method's own
            foreach (
                var state in method.CustomAttributes.Where(a =>
                    a.AttributeType.Name is "AsyncStateMachineAttribute" or "AsyncIteratorStateMachineAttribute"
                )
            )
            {
                var machine = ((TypeReference)state.ConstructorArguments[0].Value).Resolve();
                yield return machine.Methods.Single(m => m.Name == "MoveNext").FullName;
            }
        }

        private static string Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type.FullName;

        // "void A.B::C(int)" as "A.B::C"
        private static string ShortName(string fullName)
        {
            var name = fullName[(fullName.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            return name[..name.IndexOf('(', StringComparison.Ordinal)];
        }
    }
}
