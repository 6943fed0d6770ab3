// A file to the server: a small one whole, a large one in parts, so that a line that breaks costs a part at most.
// The server says how much it has; after a break we ask and go on there, also when the page was closed meanwhile.

const PART = 8 * 1024 * 1024;
const TRIES = 10; // about two minutes without a byte that arrives
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const SILENCE = 60000; // a line that is dead may never say so
const PASSING = [0, 408, 409, 425, 429, 502, 503, 504]; // the line, a busy server, or another tab with the same file

/** Bring `item` ({ file, name, number }); null, or why it did not arrive. onProgress: bytes of it that are there. */
async function deliver(state, item, onProgress) {
  const { size } = item.file;
  const whole = size <= PART;
  let have = whole ? 0 : null; // null: the server must tell
  let most = -1, failed = 0;
  while (!state.stopped) {
    const told = have === null
      ? await call(state, "GET", address(state, item))
      : await call(state, "PUT", address(state, item, whole ? null : have), item.file.slice(have, have + PART),
        (loaded) => onProgress(Math.min(have + loaded, size)));
    if (told.status === 200 && told.name !== undefined) return null;
    if (told.status === 200) {
      have = told.have;
      if (have > most) failed = 0;
      most = Math.max(most, have);
      onProgress(have);
      if (!failed) state.trouble("");
      continue;
    }
    if (state.stopped) break;
    if (!(await readable(item.file, have ?? 0))) return t("the file was changed or is not there any more: choose it again");
    failed += 1;
    if (!PASSING.includes(told.status) || failed > TRIES) return told.error;
    have = whole ? 0 : null;
    state.trouble(t("The connection broke; trying again. What has arrived is kept."));
    await rest(state, Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failed - 1)));
  }
  return t("stopped");
}

/** Remove what came of a file that is not whole; without one, all of the batch. */
function takeBack(state, item) {
  const batch = `${state.url}?${query({ kind: state.kind, batch: state.batch })}`;
  return call(state, "DELETE", item ? address(state, item) : batch);
}

function address(state, item, offset = null) {
  const { file, name, number } = item;
  const told = { name, batch: state.batch, kind: state.kind, size: file.size, modified: file.lastModified, number };
  return `${state.url}?${query(offset === null ? told : { ...told, offset })}`;
}

function query(values) {
  return Object.entries(values).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
}

/** { status, …what the server said }; status 0 where the line broke or was silent for long. */
function call(state, method, url, body = null, onProgress = () => {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let silence;
    const heard = () => { clearTimeout(silence); silence = setTimeout(() => request.abort(), SILENCE); };
    const end = (status, said) => {
      clearTimeout(silence);
      state.request = null;
      resolve({ error: status ? t("the server answered {n}", { n: status }) : t("the connection broke"), ...said, status });
    };
    request.open(method, url);
    request.upload.onprogress = (event) => { heard(); onProgress(event.loaded); };
    request.onload = () => {
      let said = {};
      try { said = JSON.parse(request.responseText); } catch { /* a proxy's own page: the number must do */ }
      end(request.status, said);
    };
    request.onerror = () => end(0, {});
    request.onabort = () => end(0, {});
    state.request = request;
    heard();
    request.send(body);
  });
}

/** Whether the browser may still read the file: it may not once that was changed or removed. */
async function readable(file, at) {
  try {
    await file.slice(Math.max(0, Math.min(at, file.size - 1)), at + 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** For so many milliseconds, or until the network is back or somebody stops. */
function rest(state, milliseconds) {
  return new Promise((resolve) => {
    const awake = () => {
      clearTimeout(timer);
      window.removeEventListener("online", awake);
      state.wake = () => {};
      resolve();
    };
    const timer = setTimeout(awake, milliseconds);
    window.addEventListener("online", awake);
    state.wake = awake;
  });
}

function uuid() { // randomUUID needs https or localhost
  if (crypto.randomUUID) return crypto.randomUUID();
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
