using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using WebTrainer.Domain;
using WebTrainer.Jobs;
using WebTrainer.Pipeline;
using WebTrainer.Portal.Access;

namespace WebTrainer.Portal.Hosting;

/// <summary>Turns refusals into problem details with the sentence that explains them; everything else stays a logged 500.</summary>
public sealed class RefusalHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (StatusOf(exception) is not { } status)
        {
            return false;
        }

        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(
            new ProblemDetailsContext
            {
                HttpContext = httpContext,
                ProblemDetails = new ProblemDetails { Status = status, Title = SentenceOf(exception) },
            }
        );
    }

    /// <summary>Status of an exception that is an answer, not an accident; null for accidents.</summary>
    public static int? StatusOf(Exception exception) =>
        exception switch
        {
            NotFoundException => StatusCodes.Status404NotFound,
            ForbiddenException => StatusCodes.Status403Forbidden,
            ConflictException => StatusCodes.Status409Conflict,
            TooManyTriesException => StatusCodes.Status429TooManyRequests,
            RuleViolationException or DataProblemException or JobFailedException => StatusCodes.Status422UnprocessableEntity,
            BadHttpRequestException bad => bad.StatusCode,
            NotSupportedException unsaid when JsonFault.IsKindUnsaid(unsaid) => StatusCodes.Status400BadRequest,
            _ when FullDiskFault.Caused(exception) => StatusCodes.Status507InsufficientStorage,
            _ when PassingFault.IsLocked(exception) => StatusCodes.Status503ServiceUnavailable,
            _ => null,
        };

    /// <summary>Says in the answer's head when another try makes sense.</summary>
    public static void TellToWait(HttpResponse response, TooManyTriesException tries)
    {
        response.StatusCode = StatusCodes.Status429TooManyRequests;
        response.Headers.RetryAfter = Math.Ceiling(tries.Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>What people read of such an exception.</summary>
    public static string SentenceOf(Exception exception) =>
        FullDiskFault.Caused(exception) ? FullDiskFault.Sentence
        : PassingFault.IsLocked(exception) ? PassingFault.LockedSentence
        : exception is BadHttpRequestException { InnerException: JsonException fault }
            ? "The body is not the JSON that is expected here: " + JsonFault.Describe(fault)
        : exception is NotSupportedException unsaid && JsonFault.IsKindUnsaid(unsaid)
            ? "The body is not the JSON that is expected here: " + JsonFault.DescribeUnsaid(unsaid)
        : exception.Message;
}
