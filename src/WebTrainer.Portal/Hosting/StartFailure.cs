using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace WebTrainer.Portal.Hosting;

/// <summary>A start that failed for a reason that its operator can mend.</summary>
public sealed class StartFailureException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>One plain sentence for the known reasons why the portal does not start.</summary>
public static class StartFailure
{
    /// <returns>Null for what is no operator's matter: that ends with its stack trace.</returns>
    public static string? Explain(Exception exception) =>
        exception switch
        {
            StartFailureException known => known.Message,
            OptionsValidationException wrong => "A setting is wrong: " + string.Join(" ", wrong.Failures),
            IOException { InnerException: AddressInUseException } taken => taken.Message
                + " Stop the other program, or choose another address with --urls http://127.0.0.1:PORT.",
            IOException { InnerException: SocketException } socket => "The address can't be used: " + socket.Message,
            SocketException socket => $"The address can't be used: {socket.Message}. Choose another one with --urls http://127.0.0.1:PORT.",
            _ => null,
        };
}
