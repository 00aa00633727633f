#!/usr/bin/env bash
# System.Text.Json, RespectNullableAnnotations: null for a property that must not be null is refused in a text, and taken from a stream.
#
# Guess: with RespectNullableAnnotations = true, null for a property of a non-nullable type is a JsonException, wherever the JSON comes from.
# Seen (System.Text.Json 11.0.0 and 10.0.12): so it is where the type has no constructor parameters. Where it has one, as a
# positional record does, its other properties are checked when a string is read, and not when a Stream is (DeserializeAsync, and so every body
# that ASP.NET Core binds): null gets in, and the first use of it fails far from there.
# What we do: the JSON contract looks at each object after it was read.
#
# Needs the .NET 10 SDK and a source of NuGet packages. Ends with 0 while the library does this, with 1 when it has changed.
set -euo pipefail
version="${1:-11.0.0}"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >try.csproj <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
    <RestoreEnablePackagePruning>false</RestoreEnablePackagePruning>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="System.Text.Json" Version="$version" />
  </ItemGroup>
</Project>
END
cat >Program.cs <<'END'
using System;
using System.IO;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

var options = new JsonSerializerOptions { RespectNullableAnnotations = true };
const string Json = """{"Id":1,"Name":null}""";
Console.WriteLine("with a constructor parameter, text:   " + await SeenAsync(() => Task.FromResult<object?>(JsonSerializer.Deserialize<WithParameter>(Json, options))));
Console.WriteLine("with a constructor parameter, stream: " + await SeenAsync(async () => await JsonSerializer.DeserializeAsync<WithParameter>(Bytes(), options)));
Console.WriteLine("without, text:                        " + await SeenAsync(() => Task.FromResult<object?>(JsonSerializer.Deserialize<Without>(Json, options))));
Console.WriteLine("without, stream:                      " + await SeenAsync(async () => await JsonSerializer.DeserializeAsync<Without>(Bytes(), options)));

static Stream Bytes() => new MemoryStream(Encoding.UTF8.GetBytes(Json));

static async Task<string> SeenAsync(Func<Task<object?>> read)
{
    try
    {
        await read();
        return "taken";
    }
    catch (JsonException)
    {
        return "refused";
    }
}

public sealed record WithParameter(int Id)
{
    public string Name { get; init; } = "";
}

public sealed record Without
{
    public int Id { get; init; }
    public string Name { get; init; } = "";
}
END
seen="$(dotnet run --project try.csproj -v quiet)"
expected='with a constructor parameter, text:   refused
with a constructor parameter, stream: taken
without, text:                        refused
without, stream:                      refused'
echo "System.Text.Json $version, RespectNullableAnnotations = true, null for a property that must not be null:"
echo "$seen"
if [ "$seen" != "$expected" ]; then
  echo "This differs from what was seen before."
  exit 1
fi
