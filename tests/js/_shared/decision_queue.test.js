import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { Clock, load, settled, storage } from "../load.js"

const FILES = ["_shared/ids.js", "_shared/journal.js", "_shared/decision_queue.js"]
const record = (uuid) => ({ op: { uuid }, effects: [] })
const saved = (...ids) => ({ ok: true, status: 200, json: async () => ({ results: ids.map((uuid) => ({ uuid, status: "saved", faces: [] })) }) })
const refusal = (status, body) => ({ ok: false, status, json: async () => body })

describe("DecisionQueue", () => {
  let clock, localStorage, sent, replies, queue, heard, windowEvents

  async function start(stored = {}, navigator = {}) {
    clock = new Clock()
    localStorage = storage(stored)
    sent = []
    replies = []
    heard = []
    windowEvents = {}
    const listen = (name, handler) => { windowEvents[name] = handler }
    const { DecisionQueue } = load(FILES, ["DecisionQueue"], {
      localStorage, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout, addEventListener: listen,
      document: { addEventListener: listen }, navigator, AbortSignal: { timeout: () => null },
      fetch: async (url, request) => {
        const { ops } = JSON.parse(request.body)
        sent.push({ url, ids: ops.map((op) => op.uuid), keepalive: Boolean(request.keepalive) })
        const reply = replies.shift()
        if (reply instanceof Error) throw reply
        return reply ?? new Promise(() => {})
      },
    })
    queue = new DecisionQueue("q:", "/app/")
    queue.listeners.add((event) => heard.push(event))
    await settled()
  }

  beforeEach(() => start())

  it("sends at once, in order, one request at a time", async () => {
    replies.push(saved("a"))
    queue.push([record("a")])
    queue.push([record("b"), record("c")])
    assert.deepEqual(sent, [{ url: "/app/api/decisions", ids: ["a"], keepalive: false }])
    await settled()
    assert.deepEqual(sent.map(({ ids }) => ids), [["a"], ["b", "c"]])
    assert.deepEqual([queue.saved, queue.pending.length], [1, 2])
  })

  it("numbers what it sends", () => {
    const records = [record("a"), record("b")]
    queue.push(records)
    assert.deepEqual(records.map(({ op }) => op.seq), [1, 2])
  })

  it("tells its listeners what the server acknowledged", async () => {
    replies.push(saved("a"))
    queue.push([record("a")])
    await settled()
    assert.deepEqual(heard.at(-1).acknowledged.map(({ result }) => result), [{ uuid: "a", status: "saved", faces: [] }])
    assert.deepEqual({ ...localStorage }, {})
  })

  it("keeps what a broken line did not take, waits, and sends it again", async () => {
    replies.push(new TypeError("failed to fetch"), saved("a"))
    queue.push([record("a")])
    await settled()
    assert.deepEqual([queue.pending.length, queue.problem], [1, "the server does not answer"])
    const waits = clock.waits.filter((ms) => ms > 0)
    assert.equal(waits.length, 1)
    assert.ok(waits[0] >= 200 && waits[0] <= 300) // 250 ms, and a fifth more or less
    clock.run()
    await settled()
    assert.deepEqual([queue.pending.length, queue.saved, queue.problem, queue.failures], [0, 1, "", 0])
  })

  it("waits longer each time, eight seconds at most", async () => {
    replies.push(...Array.from({ length: 8 }, () => new TypeError("failed to fetch")))
    queue.push([record("a")])
    const waits = []
    for (let n = 0; n < 8; n++) {
      await settled()
      waits.push(Math.max(...clock.waits))
      clock.run()
    }
    assert.ok(waits[1] >= 400 && waits[1] <= 600)
    assert.ok(waits[7] >= 6400 && waits[7] <= 9600)
  })

  it("tries at once when the network is back", async () => {
    replies.push(new TypeError("failed to fetch"), saved("a"))
    queue.push([record("a")])
    await settled()
    windowEvents.online()
    await settled()
    assert.equal(queue.saved, 1)
  })

  it("drops a decision that the server breaks over, where the server is well without it, and sends the next", async () => {
    queue.inFlight = true
    queue.push(["a", "b"].map(record))
    queue.inFlight = false
    replies.push(...Array.from({ length: 5 }, () => refusal(500, {})), saved(), saved("b"))
    queue.pump()
    for (let n = 0; n < 5; n++) {
      await settled()
      clock.run()
    }
    await settled()
    assert.deepEqual(sent.map(({ ids }) => ids.join("")), ["ab", "a", "a", "a", "a", "", "b"])
    const refused = heard.flatMap(({ acknowledged }) => acknowledged).filter(({ result }) => result.status === "refused")
    assert.deepEqual(refused.map(({ result }) => result.uuid), ["a"])
    assert.deepEqual([queue.pending.length, queue.saved], [0, 1])
  })

  it("keeps a decision as long as the server is broken for all", async () => {
    replies.push(...Array.from({ length: 12 }, () => refusal(500, {})), saved("a"))
    queue.push([record("a")])
    for (let n = 0; n < 8; n++) { // four tries, then four with a question each
      await settled()
      assert.equal(queue.pending.length, 1)
      clock.run()
    }
    await settled()
    assert.deepEqual([queue.pending.length, queue.saved], [0, 1])
    assert.deepEqual(sent.at(-1).ids, ["a"])
  })

  it("finds the one decision of a batch that the server cannot read, and keeps the others", async () => {
    const bad = refusal(400, { error: "not an operation" })
    queue.inFlight = true // so that all four are one batch
    queue.push(["a", "b", "c", "d"].map(record))
    queue.inFlight = false
    replies.push(bad, bad, bad, saved("b"), saved("c", "d"))
    queue.pump()
    await settled()
    assert.deepEqual(sent.map(({ ids }) => ids), [["a", "b", "c", "d"], ["a", "b"], ["a"], ["b", "c"], ["c", "d"]])
    const refused = heard.flatMap(({ acknowledged }) => acknowledged).filter(({ result }) => result.status === "refused")
    assert.deepEqual(refused.map(({ result }) => [result.uuid, result.message]), [["a", "not an operation"]])
    assert.deepEqual([queue.pending.length, queue.saved], [0, 3])
  })

  it("counts an answer that differs as saved, a refusal not", async () => {
    replies.push({ ok: true, status: 200, json: async () => ({ results: [{ uuid: "a", status: "differs" }, { uuid: "b", status: "refused" }] }) })
    queue.inFlight = true
    queue.push([record("a"), record("b")])
    queue.inFlight = false
    queue.pump()
    await settled()
    assert.deepEqual([queue.saved, queue.pending.length], [1, 0])
  })

  it("gives up what the person's role does not allow any more", async () => {
    replies.push(refusal(403, { error: "your role here is viewer", code: "not_allowed" }))
    queue.inFlight = true
    queue.push([record("a"), record("b")])
    queue.inFlight = false
    queue.pump()
    await settled()
    assert.deepEqual([queue.saved, queue.pending.length, sent.length], [0, 0, 1])
    assert.deepEqual(heard.at(-1).acknowledged.map(({ result }) => [result.status, result.message]),
      [["refused", "your role here is viewer"], ["refused", "your role here is viewer"]])
  })

  for (const [what, reply, problem] of [
    ["a page of another address", refusal(403, { error: "this request is foreign", code: "origin_foreign" }), "this request is foreign"],
    ["signed out", refusal(401, {}), "you are signed out: sign in again in another tab"],
    ["a full disk", refusal(503, { error: "the disk is full" }), "the disk is full"],
    ["a bare status", refusal(500, {}), "the server answers 500"],
    ["results about something else", saved("z"), "the server's answer could not be read"],
  ]) {
    it(`keeps everything and says why: ${what}`, async () => {
      replies.push(reply)
      queue.push([record("a")])
      await settled()
      assert.deepEqual([queue.problem, queue.pending.length], [problem, 1])
    })
  }

  it("takes over what an earlier page left, before its own", async () => {
    await start({ "q:old": JSON.stringify([record("a")]), "q:old|2": JSON.stringify([record("b")]), "r:else": "[]" })
    assert.deepEqual(sent.map(({ ids }) => ids), [["a", "b"]])
    assert.deepEqual(Object.keys(localStorage).sort(), [queue.key, "r:else"].sort())
    assert.equal(heard[0].adopted, true)
  })

  it("takes over what a page that is still going leaves, once its lock is free, and only once", async () => {
    const waiting = [] // [key, what to call with the lock]
    const locks = {
      request: async (key, options, work = options) => {
        if (!key.startsWith("q:old")) return new Promise(() => {}) // one's own, for as long as the page lives
        return options.ifAvailable ? work(null) : new Promise((done) => waiting.push(() => done(work({}))))
      },
    }
    await start({ "q:old": JSON.stringify([record("a")]) }, { locks })
    assert.deepEqual([sent, waiting.length], [[], 1])
    queue.push([record("b")])
    localStorage.setItem("q:old|2", JSON.stringify([record("c")])) // what it still wrote down
    waiting[0]()
    await settled()
    assert.deepEqual(queue.pending.map(({ op }) => [op.uuid, op.seq]), [["b", 1], ["a", 2], ["c", 3]])
    clock.run()
    assert.equal(Object.keys(localStorage).filter((name) => name.startsWith("q:old")).length, 0)
    waiting[0]()
    await settled()
    assert.equal(queue.pending.length, 3)
  })

  it("goes on where an earlier page's copy cannot be read", async (t) => {
    t.mock.method(console, "error", () => {})
    await start({ "q:old": "{not JSON" })
    assert.deepEqual([queue.ready, queue.pending], [true, []])
  })

  it("hands what is left to the browser when the page goes, up to what that takes", async () => {
    const large = (uuid) => ({ op: { uuid, text: "x".repeat(25_000) }, effects: [] })
    queue.push([large("a"), large("b"), large("c")])
    windowEvents.pagehide()
    assert.deepEqual(sent.at(-1), { url: "/app/api/decisions", ids: ["a", "b"], keepalive: true })
    assert.equal(JSON.parse(localStorage[queue.key]).length, 3)
  })

  it("warns before the page closes while something is unsaved", async () => {
    const event = { preventDefault() { this.prevented = true } }
    windowEvents.beforeunload(event)
    assert.equal(event.prevented, undefined)
    queue.push([record("a")])
    windowEvents.beforeunload(event)
    assert.equal(event.prevented, true)
  })
})
