// The decisions that the server has not acknowledged: sent in order, one request at a time, mirrored to localStorage,
// so that a reload, a dropped line or a dead server loses none. A repeated UUID is harmless on the server.
// POST /api/decisions; its listeners hear what came back. Uses journal.js and ids.js; knows no page and no model.

const BATCH_OPS = 400
const KEEPALIVE_BYTES = 60000 // browsers refuse keepalive bodies over 64 KiB
const REQUEST_MS = 20000
const BACKOFF_MS = [250, 500, 1000, 2000, 4000, 8000]
const TRIES_ALONE = 4 // of one op that the server fails at, before it is asked whether it is well
const queues = new Map() // one a person and workspace; outlives the component, so leaving the page does not stop it

const wordsOf = (said) => said.message ?? said.error ?? ""
/** The person's role changed meanwhile: to send it again would change nothing. */
const forbidden = (said) => Boolean(said.code?.startsWith("not_allowed"))

function queueFor(workspace, annotator, base) {
  const name = `moue:queue:${workspace}:${encodeURIComponent(annotator)}:`
  if (!queues.has(name)) queues.set(name, new DecisionQueue(name, base))
  return queues.get(name)
}

class DecisionQueue {
  constructor(prefix, base) {
    this.prefix = prefix
    this.key = prefix + newId()
    this.journal = new Journal(this.key)
    this.url = `${base}api/decisions`
    this.pending = [] // {op, effects: [[face_id, state]]}, oldest first
    this.steps = [] // own steps of this tab, to foresee what an undo gives
    this.undone = [] // those of them that were taken back, to foresee what a redo gives
    this.saved = 0
    this.failures = 0
    this.problem = ""
    this.limit = BATCH_OPS
    this.inFlight = false
    this.timer = 0
    this.seq = 0 // also tells whether anything was decided since one looked
    this.listeners = new Set()
    this.ready = false
    this.adopt().finally(() => {
      this.ready = true
      this.notify({ acknowledged: [], adopted: true })
      this.pump()
    })
    addEventListener("online", () => this.retryNow())
    document.addEventListener("visibilitychange", () => this.journal.store())
    addEventListener("pagehide", () => this.flush())
    addEventListener("beforeunload", (event) => {
      if (!this.pending.length) return
      event.preventDefault()
      event.returnValue = ""
    })
  }

  notify(event) {
    for (const listener of [...this.listeners]) listener(event)
  }

  /** Append records in order; the first request leaves in this very task. */
  push(records) {
    for (const record of records) record.op.seq = ++this.seq
    this.pending.push(...records)
    this.journal.add(records)
    this.notify({ acknowledged: [] })
    this.pump()
  }

  /** Take over what an earlier page of the same person left unsent. A page that lives holds the lock of its queue. */
  async adopt() {
    let unsent = []
    try {
      unsent = journalsOf(this.prefix, this.key)
    } catch (error) {
      console.warn("Moue: no local storage", error)
      return
    }
    if (!navigator.locks) { // plain http on a network address: taking a living page's copy too only causes repeats
      unsent.forEach(({ names }) => this.takeOver(names))
      return
    }
    navigator.locks.request(this.key, () => new Promise(() => {}))
    for (const { key, names } of unsent) {
      const taken = await navigator.locks.request(key, { ifAvailable: true }, (lock) => {
        if (lock) this.takeOver(names)
        return Boolean(lock)
      })
      if (!taken) this.inherit(key)
    }
  }

  /** Of a page that lives, or is only just going (a reload): what it leaves unsent, once it has gone. */
  inherit(key) {
    navigator.locks.request(key, () => {
      const left = journalsOf(this.prefix, this.key).find((one) => one.key === key)
      if (!left) return // it left nothing, or another page took it over
      this.push(left.names.flatMap((name) => this.unsent(name)))
      this.journal.store()
      for (const name of left.names) localStorage.removeItem(name)
    })
  }

  takeOver(names) {
    const records = names.flatMap((name) => this.unsent(name))
    for (const record of records) record.op.seq = ++this.seq
    this.pending.unshift(...records)
    this.journal.renew(this.pending)
    this.journal.store()
    for (const name of names) localStorage.removeItem(name)
  }

  unsent(name) {
    try {
      return JSON.parse(localStorage.getItem(name) ?? "[]")
    } catch (error) {
      console.error("Moue: an unsent queue could not be read", name, error)
      return []
    }
  }

  retryNow() {
    clearTimeout(this.timer)
    this.timer = 0
    this.pump()
  }

  async pump() {
    if (!this.ready || this.inFlight || this.timer || !this.pending.length) return
    this.inFlight = true
    const batch = this.pending.slice(0, this.limit)
    try {
      const response = await fetch(this.url, this.request(batch, AbortSignal.timeout(REQUEST_MS)))
      await this.handleResponse(batch, response)
    } catch (error) {
      this.scheduleRetry(error?.name === "SyntaxError" ? t("the server's answer could not be read") : t("the server does not answer"))
    } finally {
      this.inFlight = false
    }
    this.pump()
  }

  request(batch, signal) {
    return {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ops: batch.map((record) => record.op) }),
      signal,
    }
  }

  async handleResponse(batch, response) {
    if (response.ok) return this.acknowledge(batch, (await response.json()).results)
    const said = await response.json().catch(() => ({}))
    const message = wordsOf(said)
    if ((response.status === 400 || response.status === 413) && batch.length > 1) {
      this.limit = Math.max(1, batch.length >> 1) // find the one that is wrong, keep the others
      return undefined
    }
    if (response.status === 400 || response.status === 413 || forbidden(said)) return this.refuse(batch, message || t("not understood"))
    if (response.status === 500) return this.handleFailure(batch, message)
    if (response.status === 401) return this.scheduleRetry(t("you are signed out: sign in again in another tab"))
    return this.scheduleRetry(message || t("the server answers {status}", { status: response.status }))
  }

  refuse(batch, message) {
    return this.acknowledge(batch, batch.map(({ op }) => ({ uuid: op.uuid, status: "refused", message, faces: [] })))
  }

  /** The server broke over the batch: find the op that does it; it is dropped where the server is well without it. */
  async handleFailure(batch, message) {
    const problem = message || t("the server answers {status}", { status: 500 })
    if (batch.length > 1) this.limit = Math.max(1, batch.length >> 1)
    else if (this.failures >= TRIES_ALONE) {
      const probe = await fetch(this.url, this.request([], AbortSignal.timeout(REQUEST_MS)))
      if (probe.ok) return this.refuse(batch, problem)
    }
    return this.scheduleRetry(problem)
  }

  acknowledge(batch, results) {
    const byId = new Map(results.map((result) => [result.uuid, result]))
    const acknowledged = []
    for (const record of batch) {
      const result = byId.get(record.op.uuid)
      if (result) acknowledged.push({ record, result })
    }
    if (!acknowledged.length) return this.scheduleRetry(t("the server's answer could not be read"))
    const done = new Set(acknowledged.map(({ record }) => record))
    this.pending = this.pending.filter((record) => !done.has(record))
    this.saved += acknowledged.filter(({ result }) => result.status !== "refused").length
    this.failures = 0
    this.problem = ""
    this.limit = Math.min(BATCH_OPS, this.limit * 2)
    this.journal.drop(done)
    this.notify({ acknowledged })
    return undefined
  }

  scheduleRetry(problem) {
    this.problem = problem
    const wait = BACKOFF_MS[Math.min(this.failures++, BACKOFF_MS.length - 1)]
    this.timer = setTimeout(() => this.retryNow(), wait * (0.8 + 0.4 * Math.random()))
    this.notify({ acknowledged: [] })
  }

  /** The page goes away: hand what is left to the browser, which sends it after the page has gone. */
  flush() {
    this.journal.store()
    const batch = []
    let bytes = 0
    for (const record of this.pending) {
      bytes += JSON.stringify(record.op).length + 1
      if (bytes > KEEPALIVE_BYTES) break
      batch.push(record)
    }
    if (!batch.length) return
    fetch(this.url, { ...this.request(batch), keepalive: true }).catch((error) => {
      console.warn("Moue: will be sent when the page opens again", error) // they stay in localStorage
    })
  }
}
