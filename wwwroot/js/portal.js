// The little that the pages need of the browser itself.
window.webTrainer = {
  prefersDark() {
    const kept = localStorage.getItem("webtrainer.theme");
    const dark = kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    this.scheme(dark);
    return dark;
  },
  keepTheme(dark) {
    localStorage.setItem("webtrainer.theme", dark ? "dark" : "light");
    this.scheme(dark);
  },
  // What the browser draws itself (lists, boxes, dates) follows the theme too.
  scheme(dark) {
    document.documentElement.style.colorScheme = dark ? "dark" : "light";
  },
  form(page) {
    return sessionStorage.getItem("webtrainer.form." + page);
  },
  keepForm(page, json) {
    if (json == null) sessionStorage.removeItem("webtrainer.form." + page);
    else sessionStorage.setItem("webtrainer.form." + page, json);
  },
  copy(text) {
    return navigator.clipboard.writeText(text);
  },
  reveal(selector) {
    document.querySelector(selector)?.scrollIntoView({ block: "nearest" });
  },
  show(id) {
    document.getElementById(id)?.scrollIntoView({ block: "start" });
  },
  // Calls the portal when Ctrl+K is pressed anywhere. What is typed until the palette is there goes into it.
  onPalette(portal) {
    const pressed = event => {
      const plain = !(event.ctrlKey || event.metaKey || event.altKey);
      if (this.early != null && plain && event.key.length === 1) {
        event.preventDefault();
        this.early += event.key;
      } else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        this.early = "";
        setTimeout(() => { this.early = null; }, 5000); // it never came: keys are the page's again
        portal.invokeMethodAsync("OpenPalette");
      }
    };
    document.addEventListener("keydown", pressed, true);
    return { stop: () => document.removeEventListener("keydown", pressed, true) };
  },
  takeEarly(selector) {
    const field = document.querySelector(selector);
    const opened = performance.now() + 600; // meanwhile the dialog that opens would take the keys for itself
    const hold = () => {
      if (!field.isConnected) return;
      if (document.activeElement !== field) field.focus();
      if (performance.now() < opened) requestAnimationFrame(hold);
    };
    hold();
    if (this.early) {
      field.value = this.early;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.early = null;
  },
  focus(selector) {
    document.querySelector(selector)?.focus();
  },
};

// What is drawn as a choice is chosen by the space bar, as the browser's own choices are.
document.addEventListener("keydown", event => {
  if (event.key !== " " || !event.target.matches?.("[role=radio], [role=checkbox]") || event.target.matches("input, button")) return;
  event.preventDefault();
  event.target.click();
});

// A form that was sent is not sent again by a second press; and who signs out leaves nothing in this browser of what they typed.
document.addEventListener("submit", event => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  if (location.pathname !== "/account/sign-out") return;
  for (const name of Object.keys(localStorage).filter(n => n.startsWith("webtrainer.out.") || n.startsWith("webtrainer.text."))) localStorage.removeItem(name);
  for (const name of Object.keys(sessionStorage).filter(n => n.startsWith("webtrainer.form."))) sessionStorage.removeItem(name);
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// Printed pages are light, whatever the theme.
addEventListener("beforeprint", () => document.documentElement.classList.add("printing"));
addEventListener("afterprint", () => document.documentElement.classList.remove("printing"));
