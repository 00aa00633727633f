using System.Globalization;
using System.Text.Json;

namespace WebTrainer.Benchmarks.Pages;

/// <summary>Draws a chart of many points on the portal's own page, by its own script, and zooms in it.</summary>
/// <remarks>
/// Drawn: from the call with the points to the end of the first frame after it. Frames: how many the browser showed in a second in which
/// each zooms one step in or out; 60 is what the screen asks for.
/// </remarks>
internal static class Charts
{
    private const int Runs = 8;
    private const int Points = 10_000;
    private const int Draws = 10;

    private const string Script = """
        async ([runs, points, draws]) => {
            const host = document.createElement("div");
            host.style.width = "800px";
            document.querySelector("main").prepend(host);
            const values = new Float64Array(2 * runs * points);
            for (let run = 0; run < runs; run++) {
                for (let i = 0; i < points; i++) {
                    values[2 * run * points + i] = i + 1;
                    values[(2 * run + 1) * points + i] = 3 * Math.exp(-i / 3000) + run / 10 + Math.sin(i * (run + 1)) / 10;
                }
            }
            const options = { title: "Loss", unit: "nats a token", xTitle: "step", height: 240, words: { smooth: "", log: "", whole: "", keys: "" },
                counts: Array(runs).fill(points), series: Array.from({ length: runs }, (_, i) => ({ name: "run " + i, color: "#1f77b4", quiet: false, dots: false })) };
            const bytes = new Uint8Array(values.buffer);
            const frame = () => new Promise(requestAnimationFrame);
            const drawn = [];
            for (let i = 0; i < draws; i++) {
                webTrainer.chart.remove(host);
                await frame();
                const start = performance.now();
                webTrainer.chart.draw(host, options, bytes);
                await frame();
                drawn.push(performance.now() - start);
            }
            const plot = host.querySelector(".chart-plot");
            const press = key => plot.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            let frames = 0;
            const begin = performance.now();
            while (performance.now() - begin < 3000) {
                press(frames % 12 < 6 ? "+" : "-");
                await frame();
                frames++;
            }
            return { drawn, perSecond: frames / ((performance.now() - begin) / 1000) };
        }
        """;

    public static async Task<string> RunAsync(Office office)
    {
        await office.Page.GotoAsync(office.Address + office.Pages[0].Path);
        await office.Page.WaitForSelectorAsync(office.Pages[0].Selector);
        var measured = await office.Page.EvaluateAsync<JsonElement>(Script, new[] { Runs, Points, Draws });
        double[] drawn = [.. measured.GetProperty("drawn").EnumerateArray().Select(d => d.GetDouble()).Order()];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Runs} runs of {Points} points: drawn in {drawn[drawn.Length / 2]:0} ms (median of {Draws}; {drawn[0]:0} to {drawn[^1]:0}); {measured.GetProperty("perSecond").GetDouble():0} frames/s while it zooms"
        );
    }
}
