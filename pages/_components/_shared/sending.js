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
  const whole = item.file.size <= PART;
  const start = whole ? 0 : null;
  const transfer = { whole, have: start, most: -1, failed: 0 }; // have null: the server must tell
  while (!state.stopped) {
    const reply = await sendNext(state, item, transfer, onProgress);
    if (reply.status === 200) {
      if (reply.name !== undefined) return null;
      advance(state, transfer, reply.have, onProgress);
      continue;
    }
    if (state.stopped) break;
    const problem = await finalProblem(item, transfer, reply);
    if (problem) return problem;
    transfer.have = start;
    state.trouble(t("The connection broke; trying again. What has arrived is kept."));
    await pause(state, waitAfter(transfer.failed));
  }
  return t("stopped");
}

/** The next part of the file; where it is not known how much arrived, the question for that. */
function sendNext(state, item, { whole, have }, onProgress) {
  if (have === null) return call(state, "GET", address(state, item));
  const { file } = item;
  return call(state, "PUT", address(state, item, whole ? null : have), file.slice(have, have + PART),
    (loaded) => onProgress(Math.min(have + loaded, file.size)));
}

/** The server has `have` bytes now: more than ever means that the line is good again. */
function advance(state, transfer, have, onProgress) {
  transfer.have = have;
  if (have > transfer.most) transfer.failed = 0;
  transfer.most = Math.max(transfer.most, have);
  onProgress(have);
  if (!transfer.failed) state.trouble("");
}

/** Why it makes no sense to try again, or null. Counts the failure. */
async function finalProblem(item, transfer, reply) {
  if (!(await readable(item.file, transfer.have ?? 0))) {
    return t("the file was changed or is not there any more: choose it again");
  }
  transfer.failed += 1;
  return PASSING.includes(reply.status) && transfer.failed <= TRIES ? null : reply.error;
}

/** Milliseconds before the next try, doubled each time. */
const waitAfter = (failures) => Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));

/** Remove what came of a file that is not whole; without one, all of the batch. */
function takeBack(state, item) {
  const batch = `${state.url}?${query({ kind: state.kind, batch: state.batch })}`;
  return call(state, "DELETE", item ? address(state, item) : batch);
}

function address(state, item, offset = null) {
  const { file, name, number } = item;
  const values = { name, batch: state.batch, kind: state.kind, size: file.size, modified: file.lastModified, number };
  return `${state.url}?${query(offset === null ? values : { ...values, offset })}`;
}

function query(values) {
  return Object.entries(values).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
}

/** { status, …what the server said }; status 0 where the line broke or was silent for long. */
function call(state, method, url, body = null, onProgress = () => {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let silence;
    const restartTimeout = () => { clearTimeout(silence); silence = setTimeout(() => request.abort(), SILENCE); };
    const end = (status, reply) => {
      clearTimeout(silence);
      state.request = null;
      resolve({ error: status ? t("the server answered {n}", { n: status }) : t("the connection broke"), ...reply, status });
    };
    request.open(method, url);
    request.upload.onprogress = (event) => { restartTimeout(); onProgress(event.loaded); };
    request.onload = () => {
      let reply = {};
      try { reply = JSON.parse(request.responseText); } catch { /* a proxy's own page: the number must do */ }
      end(request.status, reply);
    };
    request.onerror = () => end(0, {});
    request.onabort = () => end(0, {});
    state.request = request;
    restartTimeout();
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
function pause(state, milliseconds) {
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
