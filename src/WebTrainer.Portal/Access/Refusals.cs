namespace WebTrainer.Portal.Access;

/// <summary>
/// What was asked for does not exist, or not for this caller: outsiders learn nothing of a project, not even that it is there.
/// </summary>
public sealed class NotFoundException(string message) : Exception(message);

/// <summary>The caller is known and may not do this.</summary>
public sealed class ForbiddenException(string message) : Exception(message);

/// <summary>Somebody else changed the same thing first.</summary>
public sealed class ConflictException(string message, Exception? cause = null) : Exception(message, cause);
