// Photos from this computer to the server: one PUT a file, one after another, so that a large folder needs no memory.
// What is under way lives on the root element: Streamlit calls this function again at each script run.

const MANY = 4;

function size(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3)).toLocaleString()} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function entryFile(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function entryChildren(entry) {
  const reader = entry.createReader();
  const all = [];
  for (;;) { // a reader gives at most 100 entries a call
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return all;
    all.push(...some);
  }
}

async function collect(entry, found) {
  if (entry.name.startsWith(".")) return;
  if (entry.isFile) found.push({ file: await entryFile(entry), name: entry.fullPath.replace(/^\//, "") });
  else for (const child of await entryChildren(entry)) await collect(child, found);
}

function put(state, item, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    state.request = request;
    const query = `name=${encodeURIComponent(item.name)}&batch=${state.batch}`;
    request.open("PUT", `${state.url}?${query}`);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      if (request.status === 200) return resolve(null);
      let message = t("the server answered {n}", { n: request.status });
      try { message = JSON.parse(request.responseText).error || message; } catch { /* a proxy's own page: keep the number */ }
      resolve(message);
    };
    request.onerror = () => resolve(t("the connection broke"));
    request.onabort = () => resolve(t("stopped"));
    request.send(item.file);
  });
}

async function send(root, state) {
  const find = (selector) => root.querySelector(selector);
  find(".drop").hidden = true;
  find(".failed").hidden = true;
  find(".progress").hidden = false;
  window.addEventListener("beforeunload", state.warn);
  const total = state.queue.reduce((sum, item) => sum + item.file.size, 0);
  const files = state.queue.length;
  let sent = 0, number = 0;
  const draw = (loaded) => {
    const share = total ? (100 * (sent + loaded)) / total : 0;
    find(".bar span").style.width = `${share}%`;
    find(".bar").setAttribute("aria-valuenow", String(Math.round(share)));
    find(".figures").textContent =
      t("{n} of {all} files, {sent} of {whole}", { n: number.toLocaleString(), all: files.toLocaleString(), sent: size(sent + loaded), whole: size(total) });
  };
  while (state.queue.length && !state.stopped) {
    const item = state.queue.shift();
    number += 1;
    draw(0);
    const error = await put(state, item, (loaded) => draw(Math.min(loaded, item.file.size)));
    if (error === null) { state.files += 1; state.bytes += item.file.size; }
    else if (!state.stopped) state.failed.push({ item, error });
    sent += item.file.size;
  }
  window.removeEventListener("beforeunload", state.warn);
  if (!root.isConnected) return; // another page is open: Collect offers what has arrived
  find(".progress").hidden = true;
  if (state.failed.length && !state.stopped) tellFailures(root, state);
  else finish(root, state);
}

function tellFailures(root, state) {
  const box = root.querySelector(".failed"), list = box.querySelector("ul"), n = state.failed.length;
  const figures = { n: n.toLocaleString(), arrived: state.files.toLocaleString() };
  box.querySelector(".summary").textContent = n === 1
    ? t("1 file was not uploaded; {arrived} arrived.", figures)
    : t("{n} files were not uploaded; {arrived} arrived.", figures);
  list.replaceChildren(...state.failed.slice(0, MANY * 5).map(({ item, error }) => {
    const row = document.createElement("li");
    row.textContent = `${item.name}: ${error}`;
    return row;
  }));
  box.hidden = false;
}

function finish(root, state) {
  const told = { batch: state.batch, files: state.files, bytes: state.bytes };
  root.querySelector(".failed").hidden = true;
  root.querySelector(".drop").hidden = false;
  root.moueUpload = null;
  if (told.files) state.tell(told);
}

function start(root, found, url, tell) {
  if (!found.length || root.moueUpload) return;
  const warn = (event) => event.preventDefault();
  const state = { batch: crypto.randomUUID ? crypto.randomUUID() : uuid(), url, tell, warn, queue: found,
    files: 0, bytes: 0, failed: [], stopped: false, request: null };
  root.moueUpload = state;
  send(root, state);
}

function uuid() { // randomUUID needs https or localhost
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".box");
  useWords(data.words);
  translate(root);
  const find = (selector) => root.querySelector(selector);
  const tell = (told) => setTriggerValue("done", told);
  const begin = (found) => start(root, found, data.url, tell);
  if (root.moueUpload) root.moueUpload.tell = tell;

  const drop = find(".drop");
  drop.ondragover = (event) => { event.preventDefault(); drop.classList.add("over"); };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const entries = Array.from(event.dataTransfer.items, (item) => item.webkitGetAsEntry()).filter(Boolean);
    const found = [];
    for (const entry of entries) await collect(entry, found);
    begin(found);
  };
  const picked = (event) => {
    const files = Array.from(event.target.files).filter((file) => !file.name.startsWith("."));
    begin(files.map((file) => ({ file, name: file.webkitRelativePath || file.name })));
    event.target.value = "";
  };
  find(".pick-files").onchange = picked;
  find(".pick-folder").onchange = picked;
  find(".files").onclick = () => find(".pick-files").click();
  find(".folder").onclick = () => find(".pick-folder").click();
  find(".stop").onclick = () => {
    const state = root.moueUpload;
    if (state) { state.stopped = true; state.request?.abort(); }
  };
  find(".retry").onclick = () => {
    const state = root.moueUpload;
    state.queue = state.failed.map(({ item }) => item);
    state.failed = [];
    send(root, state);
  };
  find(".skip").onclick = () => finish(root, root.moueUpload);
}
