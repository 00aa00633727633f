using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WebTrainer.Data.Migrations
{
    /// <inheritdoc />
    public partial class SeparatedPeople : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "SeparatesPeople",
                table: "Projects",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "DirectoryId",
                table: "AspNetUsers",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "ManagesModels",
                table: "AspNetUsers",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "SeparatesPeople",
                table: "Projects");

            migrationBuilder.DropColumn(
                name: "DirectoryId",
                table: "AspNetUsers");

            migrationBuilder.DropColumn(
                name: "ManagesModels",
                table: "AspNetUsers");
        }
    }
}
