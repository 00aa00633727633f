#!/usr/bin/env bash
# DuckDB, VARIANT: to_json and COPY ... (FORMAT json) write a VARIANT as a text in which stands something that is no JSON.
#
# Guess: a VARIANT that holds an object becomes that object, as with a STRUCT of the same fields, and as CAST(... AS JSON) gives it.
# Seen (DuckDB 1.5.6 by DuckDB.NET 1.5.6.1): to_json({'a': 1, 'b': 'x'}::VARIANT) is the text "{'a': 1, 'b': x}": names in single quotes, text without any.
# The same is written to files. CAST(v AS JSON) of the same value is {"a":1,"b":"x"}.
# What we do: columns of the type VARIANT are cast to JSON before rows of Parquet files are written as JSON.
#
# Needs the .NET 10 SDK and a source of NuGet packages. Ends with 0 while the library does this, with 1 when it has changed.
set -euo pipefail
version="${1:-1.5.6.1}"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >try.csproj <<END
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="DuckDB.NET.Data.Full" Version="$version" />
  </ItemGroup>
</Project>
END
cat >Program.cs <<'END'
using System;
using DuckDB.NET.Data;

using var connection = new DuckDBConnection("DataSource=:memory:");
connection.Open();
var (json, cast) = (Ask("to_json({'a': 1, 'b': 'x'}::VARIANT)"), Ask("CAST({'a': 1, 'b': 'x'}::VARIANT AS JSON)"));
Console.WriteLine($"to_json: {json}");
Console.WriteLine($"cast:    {cast}");
return json != cast ? 0 : 1;

string Ask(string value)
{
    using var command = connection.CreateCommand();
    command.CommandText = $"SELECT ({value})::VARCHAR";
    return (string)command.ExecuteScalar()!;
}
END
dotnet run --project try.csproj
