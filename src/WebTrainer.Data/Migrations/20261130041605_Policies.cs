using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WebTrainer.Data.Migrations
{
    /// <inheritdoc />
    public partial class Policies : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "FirstApprovedAt",
                table: "Runs",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "FirstApprovedBy",
                table: "Runs",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Policy",
                table: "Projects",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "FirstApprovedAt",
                table: "DeploymentVersions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "FirstApprovedBy",
                table: "DeploymentVersions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "PersonalRows",
                table: "DatasetVersions",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "FirstApprovedAt",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "FirstApprovedBy",
                table: "Runs");

            migrationBuilder.DropColumn(
                name: "Policy",
                table: "Projects");

            migrationBuilder.DropColumn(
                name: "FirstApprovedAt",
                table: "DeploymentVersions");

            migrationBuilder.DropColumn(
                name: "FirstApprovedBy",
                table: "DeploymentVersions");

            migrationBuilder.DropColumn(
                name: "PersonalRows",
                table: "DatasetVersions");
        }
    }
}
