using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WebTrainer.Data.Migrations
{
    /// <inheritdoc />
    public partial class FairShare : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<double>(
                name: "PlannedSeconds",
                table: "Runs",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "MonthlyDeviceHours",
                table: "Projects",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "ShareWeight",
                table: "Projects",
                type: "REAL",
                nullable: false,
                defaultValue: 1.0);

            migrationBuilder.AddColumn<double>(
                name: "ShareWeight",
                table: "Memberships",
                type: "REAL",
                nullable: false,
                defaultValue: 1.0);

            migrationBuilder.AddColumn<long>(
                name: "CameAt",
                table: "Jobs",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "Priority",
                table: "Jobs",
                type: "TEXT",
                maxLength: 32,
                nullable: false,
                defaultValue: "Normal");

            migrationBuilder.AddColumn<long>(
                name: "SlotSince",
                table: "Jobs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "YieldedAt",
                table: "Jobs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "DeviceUses",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    JobId = table.Column<Guid>(type: "TEXT", nullable: false),
                    ProjectId = table.Column<Guid>(type: "TEXT", nullable: false),
                    UserId = table.Column<string>(type: "TEXT", nullable: false),
                    Slot = table.Column<string>(type: "TEXT", nullable: false),
                    From = table.Column<long>(type: "INTEGER", nullable: false),
                    Until = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DeviceUses", x => x.Id);
                    table.ForeignKey(
                        name: "FK_DeviceUses_Jobs_JobId",
                        column: x => x.JobId,
                        principalTable: "Jobs",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_CameAt",
                table: "Jobs",
                column: "CameAt");

            migrationBuilder.CreateIndex(
                name: "IX_DeviceUses_JobId",
                table: "DeviceUses",
                column: "JobId");

            migrationBuilder.CreateIndex(
                name: "IX_DeviceUses_Until",
                table: "DeviceUses",
                column: "Until");

            // What jobs of before held is known from their first start to their end.
            migrationBuilder.Sql(
                """
                INSERT INTO "DeviceUses" ("Id", "JobId", "ProjectId", "UserId", "Slot", "From", "Until")
                SELECT "Id", "Id", "ProjectId", "CreatedBy", '', "StartedAt", "EndedAt" FROM "Jobs" WHERE "EndedAt" > "StartedAt";
                UPDATE "Jobs" SET "SlotSince" = "StartedAt" WHERE "Slot" IS NOT NULL;
                UPDATE "Jobs" SET "CameAt" = "QueuedAt";
                """
            );
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "DeviceUses");

            migrationBuilder.DropIndex(
                name: "IX_Jobs_CameAt",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "PlannedSeconds",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "MonthlyDeviceHours",
                table: "Projects");

            migrationBuilder.DropColumn(
                name: "ShareWeight",
                table: "Projects");

            migrationBuilder.DropColumn(
                name: "ShareWeight",
                table: "Memberships");

            migrationBuilder.DropColumn(
                name: "CameAt",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "Priority",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "SlotSince",
                table: "Jobs");

            migrationBuilder.DropColumn(
                name: "YieldedAt",
                table: "Jobs");
        }
    }
}
