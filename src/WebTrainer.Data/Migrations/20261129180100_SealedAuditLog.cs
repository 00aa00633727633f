using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WebTrainer.Data.Migrations
{
    /// <inheritdoc />
    public partial class SealedAuditLog : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "AuditKeys",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ProjectId = table.Column<Guid>(type: "TEXT", nullable: true),
                    KeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Wrapped = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditKeys", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "AuditSeals",
                columns: table => new
                {
                    EntryId = table.Column<long>(type: "INTEGER", nullable: false),
                    Previous = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Mark = table.Column<byte[]>(type: "BLOB", nullable: false),
                    KeyId = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditSeals", x => x.EntryId);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AuditKeys_ProjectId_KeyId",
                table: "AuditKeys",
                columns: new[] { "ProjectId", "KeyId" });

            // audit_hash, audit_mark and audit_key are functions that the portal gives its connections: Auditing/AuditFunctions.cs.
            migrationBuilder.Sql(
                """
                CREATE TRIGGER "Audit_Seal" AFTER INSERT ON "Audit" BEGIN
                    INSERT INTO "AuditSeals" ("EntryId", "Previous", "Hash", "Mark", "KeyId")
                    SELECT NEW."Id", p, h, audit_mark(h), audit_key() FROM (
                        SELECT p, audit_hash(p, NEW."Id", NEW."At", NEW."UserId", NEW."UserName", NEW."ProjectId", NEW."Action",
                            NEW."Subject", NEW."Before", NEW."After") AS h FROM (
                            SELECT coalesce((SELECT "Hash" FROM "AuditSeals" ORDER BY "EntryId" DESC LIMIT 1), zeroblob(32)) AS p));
                END;
                """);
            migrationBuilder.Sql(
                "CREATE TRIGGER AuditSeals_NoUpdate BEFORE UPDATE ON AuditSeals BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;");
            migrationBuilder.Sql(
                "CREATE TRIGGER AuditSeals_NoDelete BEFORE DELETE ON AuditSeals BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql("DROP TRIGGER Audit_Seal;");
            migrationBuilder.DropTable(
                name: "AuditKeys");

            migrationBuilder.DropTable(
                name: "AuditSeals");
        }
    }
}
