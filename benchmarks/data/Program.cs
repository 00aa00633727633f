using System.Diagnostics;
using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using WebTrainer.Benchmarks.Data;
using WebTrainer.Embedding;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Cleaning;
using WebTrainer.Pipeline.Cleaning.Duplicates;
using WebTrainer.Pipeline.Cleaning.Finders;
using WebTrainer.Pipeline.Cleaning.Steps;
using WebTrainer.Pipeline.Import;
using WebTrainer.Pipeline.Rows;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var folder = args.Length > 1 ? args[1] : Directory.CreateTempSubdirectory("bench-").FullName;
switch (args[0])
{
    case "documents":
        File.WriteAllLines(Path.Combine(folder, "documents.txt"), Corpus.Documents(100_000));
        break;
    case "minhash":
        MinHash(File.ReadAllLines(Path.Combine(folder, "documents.txt")));
        break;
    case "planted":
        Planted();
        break;
    case "semantic":
        Semantic(File.ReadLines(folder).Where(l => l.Length >= 40).Take(100_000).ToArray());
        break;
    case "pairs":
        Pairs(folder);
        break;
    case "pii":
        Pii();
        break;
    case "rows":
        await RowsAsync(args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1_000_000);
        break;
    case "import": // alone, for a profiler
        await ImportAsync(args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1_000_000);
        break;
    case "words":
        await WordsAsync(args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 1_000_000);
        break;
    default:
        Console.Error.WriteLine(
            "documents | minhash | planted | semantic FILE | pairs STSB.csv | pii | rows, import or words, then a folder, then a number of rows"
        );
        return 2;
}

return 0;

static void MinHash(string[] documents)
{
    var best = double.MaxValue;
    var kept = 0;
    for (var run = 0; run < 4; run++)
    {
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        var hasher = new MinHasher(NearDuplicatesStep.Permutations);
        var signatures = new uint[]?[documents.Length];
        Parallel.For(0, documents.Length, i => signatures[i] = hasher.Signature(Shingles.Hash(documents[i])));
        var hashed = clock.Elapsed.TotalSeconds;
        var twins = new int[documents.Length];
        NearTwins.Find(
            signatures,
            [.. Enumerable.Range(0, documents.Length).Select(i => (long)i)],
            new ulong[documents.Length],
            0.7,
            twins,
            CancellationToken.None
        );
        kept = twins.Count(t => t == 0);
        best = Math.Min(best, clock.Elapsed.TotalSeconds);
        var core = (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalSeconds;
        Console.WriteLine(
            $"run {run}: signatures {hashed:0.000} s, all {clock.Elapsed.TotalSeconds:0.000} s; {documents.Length / core:N0} docs/s of one core"
        );
    }

    Console.WriteLine($"minhash + lsh: {documents.Length / best:N0} docs/s, kept {kept}");
}

static void Planted()
{
    const int Originals = 10_000;
    int[] edits = [1, 2, 4, 8];
    var (texts, copyOf) = Corpus.Planted(Originals, edits);
    var hasher = new MinHasher(NearDuplicatesStep.Permutations);
    var signatures = texts.Select(t => (uint[]?)hasher.Signature(Shingles.Hash(t))).ToArray();
    Console.WriteLine("threshold  precision  " + string.Join("  ", edits.Select(e => $"recall, {e} changed")));
    foreach (var threshold in new[] { 0.5, 0.6, 0.7, 0.8, 0.9 })
    {
        var twins = new int[texts.Length];
        NearTwins.Find(
            signatures,
            [.. Enumerable.Range(0, texts.Length).Select(i => (long)i)],
            new ulong[texts.Length],
            threshold,
            twins,
            CancellationToken.None
        );
        var found = Enumerable.Range(Originals, texts.Length - Originals).Where(i => twins[i] != 0).ToList();
        var right = found.Count(i => copyOf[i] == twins[i] - 1);
        var all = twins.Count(t => t != 0);
        var recalls = edits.Select(
            (_, e) =>
                Enumerable
                    .Range(Originals, texts.Length - Originals)
                    .Where(i => (i - Originals) % edits.Length == e)
                    .Average(i => twins[i] != 0 ? 1.0 : 0)
        );
        Console.WriteLine(
            $"{threshold:0.0}        {(double)right / Math.Max(1, all):0.0000}     "
                + string.Join("            ", recalls.Select(r => r.ToString("0.000")))
        );
    }
}

static void Semantic(string[] documents)
{
    for (var run = 0; run < 2; run++)
    {
        var clock = Stopwatch.StartNew();
        var embedder = new TextEmbedder();
        Parallel.ForEach(documents, embedder.Learn);
        var learned = clock.Elapsed.TotalSeconds;
        var vectors = new sbyte[]?[documents.Length];
        Parallel.For(0, documents.Length, i => embedder.Embed(documents[i], vectors[i] = new sbyte[TextEmbedder.Dimensions]));
        var embedded = clock.Elapsed.TotalSeconds;
        var twins = new int[documents.Length];
        new SemanticTwins(
            vectors,
            [.. Enumerable.Range(0, documents.Length).Select(i => (long)i)],
            new ulong[documents.Length],
            0.85 /* lower than usual: more to compare */
        ).Find(twins, CancellationToken.None);
        Console.WriteLine(
            $"{documents.Length} texts of {documents.Average(d => d.Length):0} characters: learn {learned:0.0} s, embed {embedded - learned:0.0} s, compare {clock.Elapsed.TotalSeconds - embedded:0.0} s, all {clock.Elapsed.TotalSeconds:0.0} s; set aside {twins.Count(t => t != 0)}"
        );
    }
}

// Pairs that people scored from 0 to 5: 4.5 and more say the same, below 4 they don't.
static void Pairs(string path)
{
    using var parser = new Microsoft.VisualBasic.FileIO.TextFieldParser(path) { Delimiters = [","], HasFieldsEnclosedInQuotes = true };
    var pairs = new List<(string First, string Second, double Score)>();
    while (parser.ReadFields() is { } fields)
    {
        pairs.Add((fields[0], fields[1], double.Parse(fields[2], CultureInfo.InvariantCulture)));
    }

    var embedder = new TextEmbedder();
    foreach (var (first, second, _) in pairs)
    {
        embedder.Learn(first);
        embedder.Learn(second);
    }

    var likeness = pairs.ConvertAll(p => ByteVectors.Cosine(Embed(p.First), Embed(p.Second)));
    var hasher = new MinHasher(NearDuplicatesStep.Permutations);
    var jaccard = pairs.ConvertAll(p =>
        (double)
            MinHasher.Similarity(
                hasher.Signature(Shingles.Hash(TextKey.Normal(p.First))),
                hasher.Signature(Shingles.Hash(TextKey.Normal(p.Second)))
            )
    );
    foreach (
        var (name, values, thresholds) in new[]
        {
            ("semantic", likeness, new[] { 0.7, 0.75, 0.8, 0.85, 0.9, 0.95 }),
            ("near", jaccard, [0.3, 0.5, 0.7]),
        }
    )
    {
        foreach (var threshold in thresholds)
        {
            var found = Enumerable.Range(0, pairs.Count).Where(i => values[i] >= threshold).ToList();
            var same = found.Count(i => pairs[i].Score >= 4.5);
            Console.WriteLine(
                $"{name} {threshold:0.00}: found {found.Count}, precision (4.5 and more) {(double)same / found.Count:0.000}, (4 and more) {found.Count(i => pairs[i].Score >= 4) / (double)found.Count:0.000}, recall {(double)same / pairs.Count(p => p.Score >= 4.5):0.000}"
            );
        }
    }

    sbyte[] Embed(string text)
    {
        var vector = new sbyte[TextEmbedder.Dimensions];
        embedder.Embed(text, vector);
        return vector;
    }
}

static void Pii()
{
    var path = Path.GetTempFileName();
    Corpus.WriteRows(path, 100_000);
    var lines = File.ReadAllLines(path);
    File.Delete(path);
    var bytes = lines.Sum(l => (long)Encoding.UTF8.GetByteCount(l));
    foreach (var kind in Enum.GetValues<PersonalKind>().Select(k => (PersonalKind?)k).Append(null))
    {
        PersonalKind[] kinds = kind is { } one ? [one] : [.. new PersonalDataStep().Kinds];
        var masking = new Masking([.. kinds.Select(k => PersonalFinders.Of(k))], MaskAction.Mask, "");
        var (best, core) = (double.MaxValue, double.MaxValue);
        for (var run = 0; run < 3; run++)
        {
            var processor = Process.GetCurrentProcess().TotalProcessorTime;
            var clock = Stopwatch.StartNew();
            Parallel.For(0, lines.Length, i => masking.Map(lines[i]));
            best = Math.Min(best, clock.Elapsed.TotalSeconds);
            core = Math.Min(core, (Process.GetCurrentProcess().TotalProcessorTime - processor).TotalSeconds);
        }

        Console.WriteLine(
            $"pii {(kind is { } k ? k.ToString() : "usual kinds together")}: {bytes / best / 1e6:N0} MB/s, {bytes / core / 1e6:N0} MB/s of one core"
        );
    }
}

async Task ImportAsync(int rows)
{
    var path = Path.Combine(folder, "rows.jsonl");
    Corpus.WriteRows(path, rows);
    var file = new SourceFile(path, "rows.jsonl");
    var inspection = await new FileInspector().InspectAsync(file);
    var proposal = await new ShapeDetector().DetectAsync(file, inspection);
    for (var run = 0; run < 3; run++)
    {
        var version = path + ".version";
        var (wall, core) = await MeasureAsync(() => new DatasetImporter().ImportAsync(file, inspection, proposal.Mapping!, version));
        Console.WriteLine($"{wall:0.00} s, {core:0.00} s of processor time, {new FileInfo(version).Length / 1e6:0.0} MB");
        File.Delete(version);
    }
}

async Task RowsAsync(int rows)
{
    var path = Path.Combine(folder, "rows.jsonl");
    Corpus.WriteRows(path, rows);
    var file = new SourceFile(path, "rows.jsonl");
    var bytes = new FileInfo(path).Length;
    var inspection = await new FileInspector().InspectAsync(file);
    var proposal = await new ShapeDetector().DetectAsync(file, inspection);
    var version = path + ".version";
    await CompareAsync(
        $"import of {bytes / 1e6:N0} MB against DuckDB COPY",
        () => new DatasetImporter().ImportAsync(file, inspection, proposal.Mapping!, version),
        () => Sql($"COPY (FROM read_json_auto('{path}')) TO '{path}.parquet' (FORMAT parquet, COMPRESSION zstd)"),
        () => File.Delete(version)
    );
    await new DatasetImporter().ImportAsync(file, inspection, proposal.Mapping!, version);

    var made = Path.Combine(folder, "made");
    await CompareAsync(
        "exact duplicates into a new version against DuckDB DISTINCT ON into Parquet",
        () => new Cleaner().ApplyAsync(version, new CleanRecipe { Steps = [new ExactDuplicatesStep()] }, made),
        () =>
            Sql(
                $"COPY (SELECT DISTINCT ON (prompt, response) * FROM read_parquet('{version}')) TO '{path}.distinct' (FORMAT parquet, COMPRESSION zstd)"
            ),
        () => File.Delete(made)
    );
    foreach (var step in new CleanStep[] { new NearDuplicatesStep(), new PersonalDataStep(), new WhitespaceStep() })
    {
        var report = await new Cleaner().ApplyAsync(version, new CleanRecipe { Steps = [step] }, made);
        File.Delete(made);
        Console.WriteLine($"{step.GetType().Name}: {report.Seconds:0.0} s in all, set aside {report.SetAside}");
        Memory();
    }

    await BrowseAsync(version, rows);
}

// Both sides in turn, on a machine that others use too: the best of three of each, by the clock and by processor time.
async Task CompareAsync(string what, Func<Task> ours, Action peer, Action clean)
{
    var (our, their) = ((Wall: double.MaxValue, Core: double.MaxValue), (Wall: double.MaxValue, Core: double.MaxValue));
    for (var round = 0; round < 3; round++)
    {
        their = Least(their, await MeasureAsync(() => Task.Run(peer)));
        clean();
        our = Least(our, await MeasureAsync(ours));
    }

    clean();
    Console.WriteLine(
        $"{what}: {our.Wall:0.0} s against {their.Wall:0.0} s, {their.Wall / our.Wall:0.00} ×; processor time {our.Core:0.0} s against {their.Core:0.0} s, {their.Core / our.Core:0.00} ×"
    );
    Memory();

    static (double, double) Least((double Wall, double Core) a, (double Wall, double Core) b) =>
        (Math.Min(a.Wall, b.Wall), Math.Min(a.Core, b.Core));
}

static async Task<(double Wall, double Core)> MeasureAsync(Func<Task> action)
{
    GC.Collect();
    using var self = Process.GetCurrentProcess();
    var (clock, processor) = (Stopwatch.StartNew(), self.TotalProcessorTime);
    await action();
    self.Refresh();
    return (clock.Elapsed.TotalSeconds, (self.TotalProcessorTime - processor).TotalSeconds);
}

static void Memory()
{
    using var self = Process.GetCurrentProcess();
    Console.WriteLine($"    peak memory so far {self.PeakWorkingSet64 / 1e6:N0} MB");
}

// Words by the index against a scan of the texts, on rows of words that are as unequally common as those of a language (Zipf).
async Task WordsAsync(int rows)
{
    var version = Path.Combine(folder, "words.parquet");
    if (!File.Exists(version))
    {
        await new WebTrainer.Pipeline.Storage.VersionWriter().WriteAsync(Corpus.ZipfRows(rows).ToAsyncEnumerable(), version);
    }

    var index = version + ".words";
    var clock = Stopwatch.StartNew();
    await WordIndex.BuildAsync(version, index, index + ".tmp", rows, new ImportLimits());
    Console.WriteLine(
        $"index of {rows:N0} rows: {clock.Elapsed.TotalSeconds:0.0} s, {new FileInfo(index).Length / 1e6:0} MB beside {new FileInfo(version).Length / 1e6:0} MB"
    );
    var reader = new RowReader();
    foreach (var typed in new[] { "w20000", "w1", "w1 w2", "\"w1 w2\"", "w123*" })
    {
        var query = WordQuery.Parse(typed)!;
        var (scan, found) = await BestAsync(async () =>
            (await reader.ReadPageAsync(version, new RowQuery { Words = query, Limit = 25 })).Total
        );
        var (indexed, hits) = await BestAsync(async () =>
        {
            var best = await WordIndex.FindAsync(index, query, 0, 25);
            await reader.ReadPageAsync(
                version,
                new RowQuery
                {
                    Positions = best.Positions,
                    Sort = RowSort.Given,
                    Limit = 26,
                }
            );
            return best.Total;
        });
        Console.WriteLine($"{typed}: scan {scan:0} ms ({found:N0} rows), index {indexed:0} ms ({hits:N0} rows)");
    }

    static async Task<(double Milliseconds, long Rows)> BestAsync(Func<Task<long>> look)
    {
        var (best, rows) = (double.MaxValue, 0L);
        for (var run = 0; run < 3; run++)
        {
            var clock = Stopwatch.StartNew();
            rows = await look();
            best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
        }

        return (best, rows);
    }
}

static async Task BrowseAsync(string version, int rows)
{
    var reader = new RowReader();
    foreach (
        var (name, query) in new (string, RowQuery)[]
        {
            ("first page", new RowQuery()),
            ("page in the middle", new RowQuery { Offset = rows / 2 }),
            ("page at the end", new RowQuery { Offset = rows - 50 }),
            ("sorted by length, first page", new RowQuery { Sort = RowSort.PromptLength, Descending = true }),
            ("sorted by prompt, page in the middle", new RowQuery { Sort = RowSort.Prompt, Offset = rows / 2 }),
            ("a word in the text", new RowQuery { Contains = "changed" }),
        }
    )
    {
        var times = new List<double>();
        for (var round = 0; round < 5; round++)
        {
            times.Add((await MeasureAsync(() => reader.ReadPageAsync(version, query))).Wall * 1000);
        }

        Console.WriteLine($"{name}: {times[0]:0} ms at first, {times.Min():0} ms at best, {times.Order().ElementAt(2):0} ms in the middle");
    }

    Memory();
}

static void Sql(string sql)
{
    using var connection = new DuckDBConnection("DataSource=:memory:;threads=2");
    connection.Open();
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    command.ExecuteNonQuery();
}
