namespace WebTrainer.Portal.Features.Account.Pages;

public sealed class NewAccountForm
{
    public string UserName { get; set; } = "";
    public string DisplayName { get; set; } = "";
    public string Password { get; set; } = "";
}
