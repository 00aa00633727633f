using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace WebTrainer.Pipeline.Tests.Connectors;

/// <summary>
/// A database server of one test class, with a folder, a port and a certificate of its own, run by a user without rights.
/// </summary>
public abstract class DatabaseServer : IAsyncLifetime
{
    /// <summary>Who runs the server when the tests run as root: database servers refuse to be root.</summary>
    private const string User = "nobody";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private Process? _server;

    /// <summary>Why there is none, in a sentence; null where it runs.</summary>
    public string? Missing { get; protected set; }
    public int Port { get; private set; }
    public string Password { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(12));

    /// <summary>PEM file of the authority that signed the server's certificate.</summary>
    public string Authority => Path.Combine(Folder, "ca.pem");
    protected string Folder { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if ((Missing = Find()) is not null)
        {
            return;
        }

        Folder = Directory.CreateTempSubdirectory("database-").FullName;
        WriteCertificates();
        Port = FreePort();
        await GiveToUserAsync();
        await PrepareAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            // The server itself may be the child of whoever changed the user.
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync();
            _server.Dispose();
        }

        if (Folder.Length > 0)
        {
            Directory.Delete(Folder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Skips the test where there is no server.</summary>
    public void Require()
    {
        if (Missing is { } missing)
        {
            Assert.Skip(missing);
        }
    }

    /// <summary>Looks for the programs.</summary>
    protected abstract string? Find();

    protected abstract Task PrepareAsync();

    protected abstract (string Program, string[] Arguments, string ReadyLine) Server();

    protected async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(Start(program, arguments))!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {said[1]}{said[0]}");
        }
    }

    private async Task StartAsync()
    {
        var (program, arguments, readyLine) = Server();
        _server = Process.Start(Start(program, arguments))!;
        _server.OutputDataReceived += (_, _) => { };
        _server.BeginOutputReadLine();
        var ready = new TaskCompletionSource();
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _server.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                ready.TrySetException(new InvalidOperationException(string.Join('\n', said)));
            }
            else if (line.Data.Contains(readyLine, StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
            else
            {
                said.Enqueue(line.Data);
            }
        };
        _server.BeginErrorReadLine();
        await ready.Task.WaitAsync(s_patience);
    }

    private ProcessStartInfo Start(string program, string[] arguments)
    {
        string[] all = Environment.UserName == "root" ? ["runuser", "-u", User, "--", program, .. arguments] : [program, .. arguments];
        var start = new ProcessStartInfo(all[0], all.Skip(1))
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        return start;
    }

    private async Task GiveToUserAsync()
    {
        if (Environment.UserName != "root")
        {
            return;
        }

        using var chown = Process.Start("chown", ["-R", User, Folder]);
        await chown.WaitForExitAsync();
    }

    private void WriteCertificates()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var signer = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(signer, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Authority, signer.ExportCertificatePem());
        File.WriteAllText(Path.Combine(Folder, "server.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(Folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(Path.Combine(Folder, "server.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

public sealed class PostgreSqlServer : DatabaseServer
{
    private string _programs = "";

    public string Connection => $"Host=127.0.0.1;Port={Port};Database=postgres;Username=tester;Password={Password}";

    protected override string? Find()
    {
        var root = "/usr/lib/postgresql";
        _programs = Directory.Exists(root)
            ? Directory.GetDirectories(root).Select(v => Path.Combine(v, "bin")).FirstOrDefault(b => File.Exists(Path.Combine(b, "initdb")))
                ?? ""
            : "";
        return _programs.Length > 0 ? null : "PostgreSQL is not installed here.";
    }

    protected override Task PrepareAsync()
    {
        File.WriteAllText(Path.Combine(Folder, "password"), Password);
        return RunAsync(
            Path.Combine(_programs, "initdb"),
            "-D",
            Path.Combine(Folder, "data"),
            "-U",
            "tester",
            "-A",
            "scram-sha-256",
            "--pwfile",
            Path.Combine(Folder, "password"),
            "--no-sync",
            "-E",
            "UTF8"
        );
    }

    protected override (string, string[], string) Server() =>
        (
            Path.Combine(_programs, "postgres"),
            [
                "-D",
                Path.Combine(Folder, "data"),
                "-p",
                $"{Port}",
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=",
                "-c",
                "fsync=off",
                "-c",
                "ssl=on",
                "-c",
                $"ssl_cert_file={Path.Combine(Folder, "server.crt")}",
                "-c",
                $"ssl_key_file={Path.Combine(Folder, "server.key")}",
            ],
            "ready to accept connections"
        );
}

public sealed class MariaDbServer : DatabaseServer
{
    private const string Program = "/usr/sbin/mariadbd",
        Install = "/usr/bin/mariadb-install-db",
        Defaults = "/usr/bin/my_print_defaults";

    public string Connection => $"Server=127.0.0.1;Port={Port};Database=test;User ID=tester;Password={Password}";

    protected override string? Find() =>
        File.Exists(Program) && File.Exists(Install) && File.Exists(Defaults) ? null : "MariaDB is not installed here.";

    protected override async Task PrepareAsync()
    {
        await RunAsync(
            Install,
            "--no-defaults",
            $"--datadir={Path.Combine(Folder, "data")}",
            "--auth-root-authentication-method=normal",
            "--skip-name-resolve",
            "--skip-test-db"
        );
        File.WriteAllText(
            Path.Combine(Folder, "init.sql"),
            $"CREATE DATABASE test CHARACTER SET utf8mb4;\nCREATE USER tester@'127.0.0.1' IDENTIFIED BY '{Password}';\nGRANT ALL ON test.* TO tester@'127.0.0.1';\n"
        );
    }

    protected override (string, string[], string) Server() =>
        (
            Program,
            [
                "--no-defaults",
                $"--datadir={Path.Combine(Folder, "data")}",
                $"--port={Port}",
                "--bind-address=127.0.0.1",
                $"--socket={Path.Combine(Folder, "s")}",
                $"--pid-file={Path.Combine(Folder, "pid")}",
                $"--init-file={Path.Combine(Folder, "init.sql")}",
                "--innodb-flush-log-at-trx-commit=0",
                $"--ssl-cert={Path.Combine(Folder, "server.crt")}",
                $"--ssl-key={Path.Combine(Folder, "server.key")}",
                $"--ssl-ca={Path.Combine(Folder, "ca.pem")}",
            ],
            "ready for connections"
        );
}
