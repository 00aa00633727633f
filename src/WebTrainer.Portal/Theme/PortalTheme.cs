using MudBlazor;

namespace WebTrainer.Portal.Theme;

/// <summary>All colours and type of the portal; pages use its tokens and name none of their own.</summary>
public static class PortalTheme
{
    private static readonly string[] s_fonts = ["Inter Variable", "Vazirmatn Variable", "system-ui", "sans-serif"];

    public static MudTheme Theme { get; } =
        new()
        {
            PaletteLight = new PaletteLight
            {
                Primary = "#1f5fa8",
                Secondary = "#5b4b9a",
                Tertiary = "#0b6e63",
                Info = "#1f5fa8",
                Success = "#1c6b3a",
                Warning = "#8a5300",
                Error = "#b3261e",
                Background = "#f6f7f9",
                Surface = "#ffffff",
                AppbarBackground = "#ffffff",
                AppbarText = "#1c2330",
                DrawerBackground = "#ffffff",
                DrawerText = "#1c2330",
                DrawerIcon = "#4a5568",
                TextPrimary = "#1c2330",
                TextSecondary = "#4a5568",
                ActionDefault = "#4a5568",
                LinesDefault = "#dde1e8",
                TableLines = "#e6e9ef",
                Divider = "#dde1e8",
            },
            PaletteDark = new PaletteDark
            {
                Primary = "#7db4f0",
                PrimaryContrastText = "#0d1520",
                Secondary = "#b5a6ee",
                SecondaryContrastText = "#0d1520",
                Tertiary = "#6fd0c3",
                TertiaryContrastText = "#0d1520",
                Info = "#7db4f0",
                InfoContrastText = "#0d1520",
                Success = "#7ccf97",
                SuccessContrastText = "#0d1520",
                Warning = "#f0b862",
                WarningContrastText = "#0d1520",
                Error = "#f5918a",
                ErrorContrastText = "#0d1520",
                Background = "#12161d",
                Surface = "#1a202a",
                AppbarBackground = "#1a202a",
                AppbarText = "#e6eaf1",
                DrawerBackground = "#1a202a",
                DrawerText = "#e6eaf1",
                DrawerIcon = "#aab4c4",
                TextPrimary = "#e6eaf1",
                TextSecondary = "#aab4c4",
                ActionDefault = "#aab4c4",
                LinesDefault = "#2d3644",
                TableLines = "#2d3644",
                Divider = "#2d3644",
            },
            LayoutProperties = new LayoutProperties
            {
                DefaultBorderRadius = "6px",
                DrawerWidthLeft = "232px",
                AppbarHeight = "52px",
            },
            Typography = new Typography
            {
                Default = new DefaultTypography
                {
                    FontFamily = s_fonts,
                    FontSize = "0.875rem",
                    LineHeight = "1.45",
                },
                H1 = new H1Typography
                {
                    FontFamily = s_fonts,
                    FontSize = "1.35rem",
                    FontWeight = "650",
                    LineHeight = "1.3",
                },
                H2 = new H2Typography
                {
                    FontFamily = s_fonts,
                    FontSize = "1.05rem",
                    FontWeight = "650",
                    LineHeight = "1.35",
                },
                H3 = new H3Typography
                {
                    FontFamily = s_fonts,
                    FontSize = "0.95rem",
                    FontWeight = "650",
                    LineHeight = "1.4",
                },
                Body1 = new Body1Typography { FontFamily = s_fonts, FontSize = "0.9rem" },
                Body2 = new Body2Typography { FontFamily = s_fonts, FontSize = "0.825rem" },
                Button = new ButtonTypography
                {
                    FontFamily = s_fonts,
                    FontSize = "0.85rem",
                    FontWeight = "600",
                    TextTransform = "none",
                },
                Caption = new CaptionTypography { FontFamily = s_fonts, FontSize = "0.775rem" },
            },
        };

    /// <summary>Colours of curves; a run keeps its own on every chart.</summary>
    public static string[] Curves { get; } = ["#1f77b4", "#d6604d", "#2a9d6f", "#8e6bbf", "#c48a1a", "#3aa6b9", "#b5557f", "#7a7a7a"];
}
