using Microsoft.Extensions.Options;
using WebTrainer.Domain.Datasets;
using WebTrainer.Pipeline;
using WebTrainer.Pipeline.Connectors;

namespace WebTrainer.Portal.Features.Datasets.Sources;

/// <summary>The connector of each kind of source.</summary>
public sealed class SourceConnectors : IDisposable
{
    private readonly SafeHttp _http;
    private readonly Dictionary<SourceKind, IConnector> _connectors;

    public SourceConnectors(IOptions<ConnectorOptions> options, ImportLimits limits)
    {
        Options = options.Value;
        _http = new SafeHttp(Options);
        _connectors = new()
        {
            [SourceKind.Web] = new WebConnector(_http),
            [SourceKind.S3] = new S3Connector(_http, Options),
            [SourceKind.PostgreSql] = new SqlConnector(SqlKind.PostgreSql, Options),
            [SourceKind.MySql] = new SqlConnector(SqlKind.MySql, Options),
            [SourceKind.Sqlite] = new SqlConnector(SqlKind.Sqlite, Options),
            [SourceKind.Folder] = new FolderConnector(_http, Options),
            [SourceKind.HuggingFace] = new HubConnector(_http, Options),
            [SourceKind.Airbyte] = new AirbyteConnector(Options, limits),
        };
    }

    public ConnectorOptions Options { get; }

    public IConnector Of(SourceKind kind) => _connectors[kind];

    public void Dispose() => _http.Dispose();
}
