// The little that the pages need of the browser itself.
window.webTrainer = {
  prefersDark() {
    const kept = localStorage.getItem("webtrainer.theme");
    return kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  },
  keepTheme(dark) {
    localStorage.setItem("webtrainer.theme", dark ? "dark" : "light");
  },
  copy(text) {
    return navigator.clipboard.writeText(text);
  },
  reveal(selector) {
    document.querySelector(selector)?.scrollIntoView({ block: "nearest" });
  },
  focus(selector) {
    document.querySelector(selector)?.focus();
  },
};

// A form that was sent is not sent again by a second press; and who signs out leaves nothing in this browser of what they typed.
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  if (location.pathname !== "/account/sign-out") return;
  for (const name of Object.keys(localStorage).filter(n => n.startsWith("webtrainer.out.") || n.startsWith("webtrainer.text."))) localStorage.removeItem(name);
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
