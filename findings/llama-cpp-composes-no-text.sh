#!/usr/bin/env bash
# llama.cpp, GGUF: texts aren't brought to NFC, though the tokenizers that a name of tokenizer.ggml.pre stands for do it first.
#
# Guess: a file with tokenizer.ggml.pre = qwen2 cuts texts as Qwen's tokenizer.json does, whose first step is the normaliser NFC: e and a combining accent are é, one token.
# Seen (LLamaSharp 0.30.0, llama.cpp 815a2a5): é written as one character is 1 token, as e and U+0301 it is 3: e and the two bytes of the accent. No key of the format asks for a normaliser.
# What we do: such models are written as GGUF, and their card says that texts which aren't composed get other tokens there.
#
# Needs the .NET 10 SDK and a source of NuGet packages. Ends with 0 while the library does this, with 1 when it has changed.
set -euo pipefail
version="${1:-0.30.0}"
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
    <PackageReference Include="LLamaSharp" Version="$version" />
    <PackageReference Include="LLamaSharp.Backend.Cpu" Version="$version" />
  </ItemGroup>
</Project>
END
cat >Program.cs <<'END'
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using LLama;
using LLama.Common;
using LLama.Native;

NativeLibraryConfig.All.WithLogCallback((level, message) => { if (level == LLamaLogLevel.Error) { Console.Error.Write(message); } });

// GPT-2's alphabet: a byte that can be seen is itself, the others follow behind 255 in their order.
var seen = Enumerable.Range(33, 94).Concat(Enumerable.Range(161, 12)).Concat(Enumerable.Range(174, 82)).ToList();
var hidden = Enumerable.Range(0, 256).Except(seen).ToList();
string Letter(int value) => ((char)(seen.Contains(value) ? value : 256 + hidden.IndexOf(value))).ToString();
var tokens = Enumerable.Range(0, 256).Select(Letter).Append(Letter(0xC3) + Letter(0xA9)).ToList(); // the last is é

using (var writer = new BinaryWriter(File.Create("vocabulary.gguf")))
{
    void Text(string text) { var bytes = Encoding.UTF8.GetBytes(text); writer.Write((ulong)bytes.Length); writer.Write(bytes); }
    void Value(string key, string value) { Text(key); writer.Write(8u); Text(value); }
    void Texts(string key, IReadOnlyList<string> values) { Text(key); writer.Write(9u); writer.Write(8u); writer.Write((ulong)values.Count); foreach (var value in values) { Text(value); } }
    writer.Write("GGUF"u8);
    writer.Write(3u);
    writer.Write(0UL);
    writer.Write(5UL);
    Value("general.architecture", "qwen2");
    Value("tokenizer.ggml.model", "gpt2");
    Value("tokenizer.ggml.pre", "qwen2");
    Texts("tokenizer.ggml.tokens", tokens);
    Texts("tokenizer.ggml.merges", [Letter(0xC3) + " " + Letter(0xA9)]);
}

using var model = LLamaWeights.LoadFromFile(new ModelParams("vocabulary.gguf") { VocabOnly = true });
int Count(string text) => model.NativeHandle.Tokenize(text, false, false, Encoding.UTF8).Length;
var (composed, apart) = (Count("\u00E9"), Count("e\u0301"));
Console.WriteLine($"é as one character: {composed} token(s); as e and an accent: {apart}");
return composed == 1 && apart == 3 ? 0 : 1;
END
dotnet run --project try.csproj
