using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace WebTrainer.Data;

/// <summary>Times as UTC ticks: SQLite has no type for them, and as numbers they sort and compare right.</summary>
public sealed class UtcTicksConverter()
    : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
