using Mono.Cecil;
using Mono.Cecil.Cil;

namespace WebTrainer.Portal.Tests.Architecture;

/// <summary>One type of an assembly that another names, in a signature or in what a method does.</summary>
internal sealed record CodeReference(string From, string To)
{
    public override string ToString() => $"{From} → {To}";
}

/// <summary>
/// What the types of an assembly refer to, read from its compiled code: what a using or a word in a comment says doesn't count.
/// </summary>
internal static class CodeReferences
{
    /// <returns>Full names of the outermost types, each pair once.</returns>
    public static IReadOnlySet<CodeReference> Of(string assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly);
        return module
            .GetTypes()
            .SelectMany(type => Named(type).SelectMany(Flat).Select(named => new CodeReference(Outermost(type), Outermost(named))))
            .Where(reference => reference.From != reference.To)
            .ToHashSet();
    }

    private static IEnumerable<TypeReference> Named(TypeDefinition type) =>
        [
            .. type.BaseType is { } parent ? (TypeReference[])[parent] : [],
            .. type.Interfaces.Select(one => one.InterfaceType),
            .. type.CustomAttributes.SelectMany(OfAttribute),
            .. type.Fields.Select(field => field.FieldType),
            .. type.Properties.Select(property => property.PropertyType),
            .. type.Methods.SelectMany(OfMethod),
        ];

    private static IEnumerable<TypeReference> OfAttribute(CustomAttribute attribute) =>
        [attribute.AttributeType, .. attribute.ConstructorArguments.Select(argument => argument.Value).OfType<TypeReference>()];

    private static IEnumerable<TypeReference> OfMethod(MethodDefinition method) =>
        [
            method.ReturnType,
            .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. method.CustomAttributes.SelectMany(OfAttribute),
            .. method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [],
            .. method.HasBody ? method.Body.Instructions.SelectMany(OfInstruction) : [],
        ];

    private static IEnumerable<TypeReference> OfInstruction(Instruction instruction) =>
        instruction.Operand switch
        {
            TypeReference type => [type],
            GenericInstanceMethod generic => [generic.DeclaringType, generic.ReturnType, .. generic.GenericArguments],
            MethodReference method => [method.DeclaringType, method.ReturnType],
            FieldReference field => [field.DeclaringType, field.FieldType],
            _ => [],
        };

    private static IEnumerable<TypeReference> Flat(TypeReference type) =>
        type switch
        {
            GenericInstanceType generic => generic.GenericArguments.SelectMany(Flat).Append(generic.ElementType),
            TypeSpecification wrapped => Flat(wrapped.ElementType),
            GenericParameter => [],
            _ => [type],
        };

    private static string Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.FullName;
    }
}
