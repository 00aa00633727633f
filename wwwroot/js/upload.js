// Sends a file to the server in chunks. The upload lives in this module, not in the page: who leaves the page within the
// portal and comes back finds it further on. What broke off is gone on with when the same file is chosen again.
const chunkBytes = 8 * 1024 * 1024;
const reportEveryMs = 250;
const waitsSeconds = [1, 2, 4, 8, 15, 30];
const headers = { "X-WebTrainer": "1" };

let job = null; // { place, name, total, received, controller, startedAt, startedWith, wake }
const listeners = new Map(); // by place: the zone that shows an upload there; a page may have several zones

export function attach(zone, input, project, dotNet) {
  const place = `${project}/${input.id}`;
  listeners.set(place, dotNet);
  const abort = new AbortController();
  const on = (type, act) => zone.addEventListener(type, act, { signal: abort.signal });
  const mark = (over) => zone.classList.toggle("over", over);
  on("dragover", (e) => { e.preventDefault(); mark(true); });
  on("dragleave", () => mark(false));
  on("drop", (e) => { e.preventDefault(); mark(false); start(place, project, e.dataTransfer.files); });
  // A file dropped beside the zone must not replace the page.
  for (const type of ["dragover", "drop"]) window.addEventListener(type, (e) => e.preventDefault(), { signal: abort.signal });
  const take = () => { start(place, project, input.files); input.value = ""; };
  input.addEventListener("change", take, { signal: abort.signal });
  if (job?.place === place) report();
  else if (input.files.length > 0) take(); // chosen before the page was alive
  const detach = () => {
    abort.abort();
    if (listeners.get(place) === dotNet) listeners.delete(place);
  };
  return { detach, choose: () => input.click() };
}

export function cancel() {
  job?.controller.abort();
}

/** Does not wait out the pause before the next try. */
export function retryNow() {
  job?.wake?.();
}

function start(place, project, files) {
  if (files.length === 0) return;
  if (job) return tell(place, "OnRefused", "One file is being uploaded. Wait until it is here, then choose the next.");
  if (files.length > 1) return tell(place, "OnRefused", "Choose one file at a time.");
  if (files[0].size === 0) return tell(place, "OnRefused", `${files[0].name} is empty. Choose a file with rows in it.`);
  run(place, project, files[0]);
}

async function run(place, project, file) {
  job = { place, name: file.name, total: file.size, received: 0, controller: new AbortController(), startedAt: performance.now(), startedWith: 0 };
  const base = `/api/v1/projects/${project}/uploads`;
  try {
    const upload = await again(() => call(base, "POST", JSON.stringify({ fileName: file.name, length: file.size }), "application/json"));
    job.id = upload.id;
    job.received = job.startedWith = upload.received;
    report();
    while (job.received < file.size) await again(() => sendChunk(file, `${base}/${upload.id}`));
    await finish("OnDone", upload.id, file.name);
  } catch (error) {
    if (job.controller.signal.aborted) {
      if (job.id) await call(`${base}/${job.id}`, "DELETE", null, null, null).catch(() => {}); // swept by the server later
      await finish("OnCancelled");
    } else {
      await finish("OnRefused", error.message);
    }
  }
}

async function sendChunk(file, url) {
  const offset = job.received;
  const body = file.slice(offset, offset + chunkBytes);
  const answer = await call(`${url}?offset=${offset}`, "PATCH", body, "application/octet-stream");
  job.received = answer.received ?? answer.length; // 409 says where to go on
  report();
}

/** Tries until it works, is cancelled, or the server refuses for good. */
async function again(act) {
  for (let failures = 0; ; failures++) {
    try {
      return await act();
    } catch (error) {
      if (error.final || job.controller.signal.aborted) throw error;
      await pause(waitsSeconds[Math.min(failures, waitsSeconds.length - 1)]);
    }
  }
}

async function call(url, method, body, type, signal = job.controller.signal) {
  const answer = await fetch(url, { method, body, signal, headers: type ? { ...headers, "Content-Type": type } : headers });
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 409 && problem.length !== undefined) return problem;
  const error = new Error(problem.title ?? problem.detail ?? sentenceOf(answer.status));
  error.final = answer.status < 500 && ![408, 409, 429].includes(answer.status);
  throw error;
}

function sentenceOf(status) {
  if (status === 401) return "You are signed out. Sign in again and choose the same file; it goes on where it stopped.";
  if (status === 404) return "The upload was discarded. Choose the file again.";
  return `The server refused the file (${status}).`;
}

function pause(seconds) {
  tell(job.place, "OnWaiting", seconds);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000);
    const now = () => { clearTimeout(timer); resolve(); };
    job.wake = now;
    job.controller.signal.addEventListener("abort", now, { once: true });
    window.addEventListener("online", now, { once: true });
  });
}

function report() {
  const now = performance.now();
  const done = job.received >= job.total;
  if (!done && job.reportedAt && now - job.reportedAt < reportEveryMs) return;
  job.reportedAt = now;
  const seconds = (now - job.startedAt) / 1000;
  const rate = seconds > 0 ? (job.received - job.startedWith) / seconds : 0;
  tell(job.place, "OnProgress", job.name, job.received, job.total, rate);
}

async function finish(method, ...args) {
  const { place } = job;
  job = null;
  await tell(place, method, ...args);
}

// The page may be gone, or go between the look and the call: the upload goes on without it.
async function tell(place, method, ...args) {
  try {
    await listeners.get(place)?.invokeMethodAsync(method, ...args);
  } catch {
    listeners.delete(place);
  }
}
