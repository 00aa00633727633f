// Keys, clicks, time and what is typed while an item is before a person. Each of them is numbered and kept in this browser until the server
// has acknowledged it; they go out one after the other, so that nothing overtakes what was done before it, and a lost connection, a reload or
// a restarted server loses none. The server knows by the page load and the number what it has had.
window.webTrainer.labeling = (() => {
  const typingIn = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=textbox]";
  const digits = /^(?:Digit|Numpad)([0-9])$/;
  const leaving = new Set(["submit", "submit:skip", "submit:return", "undo", "back", "forward", "discard", "return", "further"]);
  const beat = 1500; // ms between looks at what waits
  const patience = 4000; // ms until what was sent goes out again
  const pause = 700; // ms of rest after which typed text goes out
  const ahead = 1000; // ms after leaving an item in which keys are meant for the next one, which is not shown yet
  const forgotten = 15000; // ms after which a key that was pressed before the page could answer means nothing any more
  const orphaned = 120000; // ms of silence after which what another window left is taken over
  const load = Array.from(crypto.getRandomValues(new Uint32Array(3)), n => n.toString(36)).join("");
  let page = null, user = "", box = "", keys = {}, idle = 60000, active = 0, last = 0, number = 0, timer = 0, waiting = [], pumping = false;
  let early = []; // what was pressed while the item already showed and its page did not listen yet

  const item = () => document.querySelector("[data-item]")?.dataset.item ?? "";
  const read = (name, otherwise) => { try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; } };
  const seconds = () => { const spent = active / 1000; active = 0; return spent; };
  const bare = command => command.replace("decide-", "");
  const boxes = () => Object.keys(localStorage).filter(name => name.startsWith(`webtrainer.out.${user}.${location.pathname}|`));

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
    if (bare(command) === "submit") document.activeElement?.matches?.(typingIn) && document.activeElement.blur();
    if (!event.repeat || /up|down|word|longer|shorter/.test(command)) send(command);
  }

  function onEarlyKey(event) {
    if (!page && item()) early.push({ event, item: item(), at: Date.now() });
  }

  function catchUp() {
    const pressed = early.filter(e => e.item === item() && Date.now() - e.at < forgotten);
    early = [];
    for (const { event } of pressed) onKey(event);
  }

  // Clicks take the keys' way. What a mouse pressed does not keep the focus: the next Enter is meant for the answer, not for that button.
  function onClick(event) {
    const target = event.target.closest?.("[data-send]");
    if (event.detail > 0) setTimeout(() => document.querySelector(".mud-dialog, .mud-popover-open") || document.activeElement?.closest?.("main button, main a[href]")?.blur());
    if (!page || !target || target.disabled || target.matches(".sheet-question.active")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    send(target.dataset.send);
  }

  // What takes the person from this item and is not acknowledged yet.
  const leftOf = id => waiting.find(e => e.item === id && leaving.has(bare(e.command)));

  function send(command) {
    const id = item(), now = Date.now();
    const left = leftOf(id);
    if (left && now - left.at < ahead) return; // the item is as good as gone; what shows next has not been seen yet
    const field = document.querySelector("[data-reason]");
    if (field && bare(command) === "submit") command = `submit:${field.dataset.reason}`; // so that it is no answer when it arrives after a reload
    put({ item: id, command, seconds: seconds(), texts: field ? { reason: field.value } : null, at: now, due: now, again: !!left });
  }

  function put(entry) {
    waiting.push({ stream: load, sequence: ++number, ...entry });
    keep();
    pump();
  }

  function onInput(event) {
    moved();
    const question = event.target.dataset?.text;
    if (!question) return;
    const id = item(), now = Date.now(), tail = waiting.at(-1);
    if (tail?.command === "texts" && tail.item === id && !tail.sent) {
      tail.texts[question] = event.target.value;
      tail.due = now + pause;
      keep();
    } else {
      put({ item: id, command: "texts", seconds: 0, texts: { [question]: event.target.value }, at: now, due: now + pause, again: !!leftOf(id) });
    }
    setTimeout(pump, pause + 20);
  }

  function onBlur(event) {
    if (!event.target.dataset?.text) return;
    for (const entry of waiting) entry.due = 0;
    pump();
  }

  function keep(left = false) {
    if (!box) return;
    try {
      if (waiting.length) localStorage.setItem(box, JSON.stringify({ beat: left ? 0 : Date.now(), entries: waiting }));
      else localStorage.removeItem(box);
    } catch { /* this browser's storage is full: what waits is still in this page */ }
  }

  const within = (promise, ms) => Promise.race([promise, new Promise((_, late) => setTimeout(() => late(new Error("no answer yet")), ms))]);

  async function pump() {
    if (pumping) return;
    pumping = true;
    try {
      while (page && waiting.length && (waiting.length > 1 || waiting[0].due <= Date.now())) {
        const entry = waiting[0];
        entry.sent = true;
        await within(page.invokeMethodAsync("KeyAsync", entry), patience);
        waiting = waiting.filter(e => e !== entry);
        keep();
      }
    } catch { /* not acknowledged: it goes out again, at the next look */ } finally { pumping = false; }
  }

  function look() {
    adopt();
    document.documentElement.classList.toggle("unsent", waiting.length > 0 && Date.now() - waiting[0].at > 3000);
    keep();
    pump();
  }

  // What a page load before this one, or a window that is gone, could not send any more.
  function adopt() {
    for (const name of boxes()) {
      const left = name === box ? null : read(name, null);
      if (!left || left.beat > Date.now() - orphaned) continue;
      waiting = [...(left.entries ?? []).filter(isEntry).map(e => ({ ...e, again: true, due: 0, sent: true })), ...waiting];
      localStorage.removeItem(name);
    }
  }

  const isEntry = e => typeof e?.stream === "string" && Number.isSafeInteger(e.sequence) && typeof e.item === "string" && typeof e.command === "string";

  function onSelect() {
    const box = document.querySelector("[data-marked]"), selection = getSelection();
    if (!page || !box || selection.isCollapsed || !box.contains(selection.anchorNode) || !box.contains(selection.focusNode)) return;
    const before = document.createRange();
    before.selectNodeContents(box);
    const range = selection.getRangeAt(0);
    before.setEnd(range.startContainer, range.startOffset);
    const start = before.toString().length;
    send(`select:${start}:${start + range.toString().length}`);
  }

  const onHide = () => keep(true);
  document.addEventListener("keydown", onEarlyKey);

  return {
    /** @param resumes What an earlier page load left goes out from here; else it is forgotten, where it would mean something else by now. */
    start(component, userId, bindings, idleSeconds, resumes) {
      this.stop();
      page = component; user = userId; idle = idleSeconds * 1000; last = performance.now(); active = 0;
      if (!resumes) for (const name of boxes()) localStorage.removeItem(name);
      keys = {};
      const own = read("webtrainer.keys", {});
      for (const binding of bindings) keys[own[binding.command] ?? binding.key] = binding.command;
      adopt();
      box = `webtrainer.out.${user}.${location.pathname}|${load}`;
      document.addEventListener("keydown", onKey);
      document.addEventListener("input", onInput);
      document.addEventListener("focusout", onBlur);
      document.addEventListener("click", onClick, { capture: true });
      document.addEventListener("pointerdown", moved);
      document.addEventListener("pointerup", onSelect);
      document.addEventListener("wheel", moved, { passive: true });
      addEventListener("pagehide", onHide);
      timer = setInterval(look, beat);
      setTimeout(look);
      catchUp();
      return Object.fromEntries(Object.entries(keys).map(([key, command]) => [command, key]));
    },
    stop() {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("input", onInput);
      document.removeEventListener("focusout", onBlur);
      document.removeEventListener("click", onClick, { capture: true });
      document.removeEventListener("pointerdown", moved);
      document.removeEventListener("pointerup", onSelect);
      document.removeEventListener("wheel", moved);
      removeEventListener("pagehide", onHide);
      clearInterval(timer);
      keep(true);
      page = null; box = ""; waiting = [];
    },
    remap(command, key) {
      localStorage.setItem("webtrainer.keys", JSON.stringify({ ...read("webtrainer.keys", {}), [command]: key }));
    },
    resetKeys() { localStorage.removeItem("webtrainer.keys"); },
    seconds,
    write(question) { document.querySelector(question === "reason" ? "[data-reason]" : `[data-text="${question}"]`)?.focus(); },
    nextKey() {
      return new Promise(resolve => document.addEventListener("keydown", event => { event.preventDefault(); event.stopPropagation(); resolve(event.key); }, { capture: true, once: true }));
    },
  };
})();
