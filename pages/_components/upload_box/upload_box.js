// Files from this computer to the server, one after another, so that a large folder needs no memory.
// What is under way lives on the root element: Streamlit calls this function again at each script run.

const MANY = 20;
const mark = (text) => text; // called where no language is known yet
const KINDS = {
  photos: {
    invite: mark("Drop photos, folders or zip files here"), files: mark("Choose photos or zips"), folder: true,
    accept: "image/*,.zip,.heic,.heif,.hif,.avif,.tif,.tiff,.jp2,.j2k,.jfif,.jpe,.mpo,.psd,.tga,.ico",
  },
  video: {
    invite: mark("Drop videos here, or a folder of them"), files: mark("Choose videos"), folder: true,
    accept: "video/*,.mkv,.webm,.avi,.mov,.mpg,.mpeg,.ts,.mts,.m2ts,.flv,.wmv,.ogv,.3gp",
  },
  list: {
    invite: mark("Drop a list of addresses here"), files: mark("Choose a list"), folder: false,
    accept: ".txt,.csv,.tsv,.jsonl,.ndjson,.html,.htm,.mhtml,.mht,text/plain,text/csv,text/html",
  },
  dataset: {
    invite: mark("Drop a data set here: a zip, a tar, a table or its folder"), files: mark("Choose a file"), folder: true,
    accept: ".zip,.tar,.parquet,.json,.jsonl,.csv,.tsv,.xml,image/*",
  },
};

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

async function send(root, state) {
  const find = (selector) => root.querySelector(selector);
  find(".drop").hidden = true;
  find(".failed").hidden = true;
  find(".progress").hidden = false;
  window.addEventListener("beforeunload", state.warn);
  const total = state.queue.reduce((sum, item) => sum + item.file.size, 0), files = state.queue.length;
  const speed = speedometer();
  let sent = 0, number = 0;
  const draw = (loaded) => {
    const share = total ? Math.min(100, (100 * (sent + loaded)) / total) : 0;
    find(".bar span").style.width = `${share}%`;
    find(".bar").setAttribute("aria-valuenow", String(Math.round(share)));
    const sizes = { sent: formatSize(sent + loaded), whole: formatSize(total) };
    const values = { n: formatCount(number), all: formatCount(files), ...sizes };
    const seconds = speed(sent + loaded, total);
    find(".figures").textContent =
      t("{n} of {all} files, {sent} of {whole}", values) + (seconds ? t(", about {time} left", { time: formatDuration(seconds) }) : "");
  };
  while (state.queue.length && !state.stopped) {
    const item = state.current = state.queue.shift();
    number += 1;
    draw(0);
    const error = await deliver(state, item, draw);
    state.trouble("");
    if (error === null) { state.files += 1; state.bytes += item.file.size; }
    else if (state.stopped) state.queue.unshift(item);
    else state.failed.push({ item, error });
    sent += item.file.size;
  }
  window.removeEventListener("beforeunload", state.warn);
  if (state.stopped && !state.files) return discard(root, state); // nothing to ask about
  if (!root.isConnected) return; // another page is open: Collect offers what has arrived
  find(".progress").hidden = true;
  if (state.failed.length || state.stopped) ask(root, state);
  else finish(root, state);
}

/** Some did not arrive, or somebody stopped: with or without them, or nothing at all? */
function ask(root, state) {
  const box = root.querySelector(".failed"), list = box.querySelector("ul");
  const missing = state.failed.length + state.queue.length;
  const figures = { n: formatCount(missing), arrived: formatCount(state.files) };
  box.querySelector(".summary").textContent = missing === 1
    ? t("1 file was not uploaded; {arrived} arrived.", figures)
    : t("{n} files were not uploaded; {arrived} arrived.", figures);
  list.replaceChildren(...state.failed.slice(0, MANY).map(({ item, error }) => make("li", "", `${item.name}: ${error}`)));
  box.querySelector(".discard").hidden = !state.files;
  box.hidden = false;
  box.querySelector(".retry").focus();
}

async function discard(root, state) {
  await takeBack(state, state.current);
  if (state.files) await takeBack(state, null);
  state.files = 0;
  finish(root, state);
}

function finish(root, state) {
  const arrived = { batch: state.batch, files: state.files, bytes: state.bytes };
  for (const part of [".failed", ".progress"]) root.querySelector(part).hidden = true;
  root.querySelector(".drop").hidden = false;
  root.moueUpload = null;
  if (arrived.files) state.onDone(arrived);
}

function start(root, found, data, onDone) {
  if (!found.length || root.moueUpload) return;
  const warn = (event) => event.preventDefault();
  const state = { batch: newId(), url: data.url, kind: data.kind, onDone, warn,
    queue: found.map((item, number) => ({ ...item, number })), current: null, files: 0, bytes: 0, failed: [],
    stopped: false, request: null, wake() {}, trouble(text) { showTrouble(root, text); } };
  root.moueUpload = state;
  send(root, state);
}

function showTrouble(root, text) {
  const line = root.querySelector(".trouble");
  if (line.textContent !== text) line.textContent = text;
  line.hidden = !text;
}

function stop(state) {
  state.stopped = true;
  state.request?.abort();
  state.wake();
}

function retry(root, state) {
  state.queue = [...state.failed.map(({ item }) => item), ...state.queue];
  state.failed = [];
  state.stopped = false;
  send(root, state);
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".box");
  useWords(data.words);
  translate(root);
  const find = (selector) => root.querySelector(selector);
  const onDone = (arrived) => setTriggerValue("done", arrived);
  const begin = (found) => start(root, found, data, onDone);
  if (root.moueUpload) root.moueUpload.onDone = onDone;

  const kind = KINDS[data.kind];
  find(".invite").textContent = t(kind.invite);
  find(".files").textContent = t(kind.files);
  find(".folder").hidden = !kind.folder;
  find(".pick-files").accept = kind.accept;
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
  find(".stop").onclick = () => root.moueUpload && stop(root.moueUpload);
  find(".retry").onclick = () => retry(root, root.moueUpload);
  find(".skip").onclick = () => {
    const state = root.moueUpload;
    if (state.stopped) takeBack(state, state.current); // a failed one is kept: it may be gone on with
    finish(root, state);
  };
  find(".discard").onclick = () => discard(root, root.moueUpload);
}
