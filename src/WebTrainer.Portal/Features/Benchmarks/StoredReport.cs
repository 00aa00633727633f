using System.Text.Json;
using WebTrainer.Portal.Hosting;
using WebTrainer.Protocol;

namespace WebTrainer.Portal.Features.Benchmarks;

/// <summary>An evaluation's figures as the database keeps them.</summary>
public static class StoredReport
{
    /// <returns>Null where they are damaged.</returns>
    public static EvaluationReport? TryRead(string report) =>
        Stored.TryRead(() => JsonSerializer.Deserialize<EvaluationReport>(report, ProtocolJson.Document));
}
