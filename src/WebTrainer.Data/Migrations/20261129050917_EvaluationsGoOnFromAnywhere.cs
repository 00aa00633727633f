using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WebTrainer.Data.Migrations
{
    /// <summary>That an evaluation goes on from anywhere was known by its kind; now each job says it.</summary>
    public partial class EvaluationsGoOnFromAnywhere : Migration
    {
        protected override void Up(MigrationBuilder migrationBuilder) =>
            migrationBuilder.Sql("""UPDATE "Jobs" SET "HasCheckpoint" = 1 WHERE "Kind" = 'evaluate';""");

        protected override void Down(MigrationBuilder migrationBuilder) { }
    }
}
