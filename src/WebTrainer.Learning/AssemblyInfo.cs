using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("WebTrainer.Learning.Tests")]
[assembly: InternalsVisibleTo("Engine")]
[assembly: InternalsVisibleTo("PrivacyBenchmarks")]
