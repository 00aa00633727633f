// Keys, time and what is typed while an item is before a person. Each key stroke is kept in this browser until the server has
// acknowledged it, so that a lost connection or a restarted server loses none.
window.webTrainer.labeling = (() => {
  const typingIn = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=textbox]";
  const digits = /^(?:Digit|Numpad)([0-9])$/;
  let page = null, user = "", keys = {}, idle = 60000, active = 0, last = 0, sequence = 0, timer = 0;

  const item = () => document.querySelector("[data-item]")?.dataset.item ?? "";
  const read = (name, otherwise) => { try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; } };
  const textName = id => `webtrainer.text.${user}.${id}`;
  const outName = () => `webtrainer.out.${user}`;
  const seconds = () => { const spent = active / 1000; active = 0; return spent; };

  function moved() {
    const now = performance.now();
    if (now - last < idle) active += now - last;
    last = now;
  }

  function commandOf(event) {
    if (event.isComposing || event.altKey) return null;
    const ctrl = event.ctrlKey || event.metaKey;
    const typing = event.target.matches?.(typingIn);
    if (ctrl) return event.key === "Enter" ? "submit" : event.code === "KeyS" ? "draft" : null;
    if (event.key === "Escape") return typing ? "leave" : "close";
    if (typing || document.querySelector(".mud-dialog")) return null;
    if ((event.key === "Enter" || event.key === " ") && event.target.closest?.("button, a[href]")) return null;
    const digit = digits.exec(event.code) ?? (/^[0-9]$/.test(event.key) ? [0, event.key] : null);
    if (digit && !event.shiftKey) return "digit:" + digit[1];
    const latin = event.key.length === 1 && event.key.charCodeAt(0) > 127 && /^Key[A-Z]$/.test(event.code);
    return keys[latin ? event.code[3].toLowerCase() : event.key] ?? null; // a Persian keyboard is told by the key's place
  }

  function onKey(event) {
    moved();
    const command = commandOf(event);
    if (!command) return;
    event.preventDefault();
    if (command === "leave") { event.target.blur(); return; }
    if (command === "search") { const field = document.querySelector("[data-search]"); field?.focus(); return; }
    if (command === "submit") document.activeElement?.matches?.(typingIn) && document.activeElement.blur();
    send({ sequence: Date.now() * 1000 + (sequence++ % 1000), item: item(), command, seconds: seconds(), at: Date.now() });
  }

  function send(entry) {
    localStorage.setItem(outName(), JSON.stringify([...read(outName(), []), entry]));
    return deliver(entry);
  }

  function deliver(entry) {
    return page?.invokeMethodAsync("KeyAsync", entry.sequence, entry.item, entry.command, entry.seconds).then(() =>
      localStorage.setItem(outName(), JSON.stringify(read(outName(), []).filter(e => e.sequence !== entry.sequence))));
  }

  // What was pressed and never acknowledged goes out again in its order; the server knows by its number what it has had.
  async function retry() {
    const waiting = read(outName(), []).filter(e => Date.now() - e.at > 3000);
    document.documentElement.classList.toggle("unsent", waiting.length > 0);
    for (const entry of waiting) await deliver(entry);
  }

  function onInput(event) {
    moved();
    const question = event.target.dataset?.text;
    if (!question) return;
    const id = item();
    localStorage.setItem(textName(id), JSON.stringify({ ...read(textName(id), {}), [question]: event.target.value }));
  }

  function onSelect() {
    const box = document.querySelector("[data-marked]"), selection = getSelection();
    if (!box || selection.isCollapsed || !box.contains(selection.anchorNode) || !box.contains(selection.focusNode)) return;
    const before = document.createRange();
    before.selectNodeContents(box);
    const range = selection.getRangeAt(0);
    before.setEnd(range.startContainer, range.startOffset);
    const start = before.toString().length;
    page?.invokeMethodAsync("SelectAsync", start, start + range.toString().length);
  }

  return {
    start(component, userId, bindings, idleSeconds) {
      this.stop();
      page = component; user = userId; idle = idleSeconds * 1000; last = performance.now(); active = 0;
      keys = {};
      const own = read("webtrainer.keys", {});
      for (const binding of bindings) keys[own[binding.command] ?? binding.key] = binding.command;
      document.addEventListener("keydown", onKey);
      document.addEventListener("input", onInput);
      document.addEventListener("pointerdown", moved);
      document.addEventListener("pointerup", onSelect);
      document.addEventListener("wheel", moved, { passive: true });
      timer = setInterval(retry, 1500);
      return Object.fromEntries(Object.entries(keys).map(([key, command]) => [command, key]));
    },
    stop() {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("input", onInput);
      document.removeEventListener("pointerdown", moved);
      document.removeEventListener("pointerup", onSelect);
      document.removeEventListener("wheel", moved);
      clearInterval(timer);
      page = null;
    },
    remap(command, key) {
      localStorage.setItem("webtrainer.keys", JSON.stringify({ ...read("webtrainer.keys", {}), [command]: key }));
    },
    resetKeys() { localStorage.removeItem("webtrainer.keys"); },
    seconds,
    // Without a server to ask: what this browser kept of an item's texts.
    texts(userId, id) { user = userId; return read(textName(id), {}); },
    sent(id) {
      localStorage.removeItem(textName(id));
      localStorage.setItem(outName(), JSON.stringify(read(outName(), []).filter(e => e.item !== id || Date.now() - e.at < 3000)));
    },
    write(question) { document.querySelector(`[data-text="${question}"]`)?.focus(); },
    nextKey() {
      return new Promise(resolve => document.addEventListener("keydown", event => { event.preventDefault(); event.stopPropagation(); resolve(event.key); }, { capture: true, once: true }));
    },
  };
})();
