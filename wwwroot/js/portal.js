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
