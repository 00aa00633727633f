using WebTrainer.Benchmarks.Pages;

// PageBenchmarks [--loads 20] [--training] [--charts] NAME=FOLDER [NAME=FOLDER…]:
// FOLDER is a checkout with portal and worker built (Release).
const int UsualLoads = 20;
var loads = UsualLoads;
var training = false;
var charts = false;
var checkouts = new List<(string Name, string Folder)>();
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--loads":
            loads = int.Parse(args[++i], System.Globalization.CultureInfo.InvariantCulture);
            break;
        case "--training":
            training = true;
            break;
        case "--charts":
            charts = true;
            break;
        case var checkout when checkout.Split('=', 2) is [var name, var folder]:
            checkouts.Add((name, Path.GetFullPath(folder)));
            break;
        default:
            Console.Error.WriteLine($"'{args[i]}' is no option and no checkout; write NAME=FOLDER, such as now=.");
            return 1;
    }
}

if (checkouts.Count == 0 || loads < 1)
{
    Console.Error.WriteLine("Name at least one checkout, as NAME=FOLDER, and at least one load.");
    return 1;
}

await using var browser = await Browser.LaunchAsync();
Console.Error.WriteLine("Filling the data folders: some minutes…");
var opening = checkouts.ConvertAll(c => Office.OpenAsync(c.Name, c.Folder, browser));
try
{
    var offices = await Task.WhenAll(opening);

    if (training)
    {
        foreach (var office in offices)
        {
            await office.TrainAsync();
        }
    }

    if (charts)
    {
        foreach (var office in offices)
        {
            Console.WriteLine(await Charts.RunAsync(office));
        }
    }
    else
    {
        Console.WriteLine(Table.Write(await Measure.RunAsync(offices, loads)));
    }
}
finally
{
    foreach (var opened in opening.Where(o => o.IsCompletedSuccessfully))
    {
        await (await opened).DisposeAsync();
    }
}

return 0;
