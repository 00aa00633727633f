using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using WebTrainer.Protocol;

namespace WebTrainer.Models;

/// <summary>
/// Files that lie inside a .NET assembly. It is read as data (ECMA-335, II.24.2.4 and II.25.3.3) and never loaded: none of its code can
/// run.
/// </summary>
internal static class AssemblyResource
{
    /// <param name="assembly">The assembly's bytes.</param>
    /// <returns>A view into the assembly.</returns>
    /// <exception cref="ModelFileException">It is no assembly, or has no such resource.</exception>
    public static ReadOnlyMemory<byte> Read(byte[] assembly, string name)
    {
        try
        {
            using var stream = new MemoryStream(assembly, writable: false);
            using var file = new PEReader(stream, PEStreamOptions.LeaveOpen);
            if (
                file.PEHeaders.CorHeader is not { } header
                || !file.PEHeaders.TryGetDirectoryOffset(header.ResourcesDirectory, out var start)
            )
            {
                throw new ModelFileException("The file is no .NET assembly with resources.");
            }

            var metadata = file.GetMetadataReader();
            var resource = metadata
                .ManifestResources.Select(metadata.GetManifestResource)
                .Where(resource => resource.Implementation.IsNil && metadata.StringComparer.Equals(resource.Name, name))
                .Take(1)
                .ToList();
            return resource.Count == 0
                ? throw new ModelFileException($"The assembly has no resource '{name}'.")
                : Slice(assembly, start, header.ResourcesDirectory.Size, resource[0].Offset, name);
        }
        catch (Exception exception)
            when (exception is BadImageFormatException or InvalidOperationException or ArgumentException or OverflowException or IOException
            )
        {
            throw new ModelFileException($"The file is no .NET assembly that can be read: {exception.Message}", exception);
        }
    }

    /// <summary>A resource is its length in four bytes, then its bytes.</summary>
    private static ReadOnlyMemory<byte> Slice(byte[] assembly, int start, int size, long offset, string name)
    {
        var end = Math.Min((long)start + size, assembly.Length);
        var begin = start + offset;
        if (
            offset < 0
            || begin > end - sizeof(int)
            || BinaryPrimitives.ReadUInt32LittleEndian(assembly.AsSpan((int)begin)) is var length && length > end - begin - sizeof(int)
        )
        {
            throw new ModelFileException($"The assembly's resource '{name}' lies outside the file.");
        }

        return assembly.AsMemory((int)begin + sizeof(int), (int)length);
    }
}
