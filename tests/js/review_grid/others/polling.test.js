import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { Clock, load, settled } from "../../load.js"

describe("Polling", () => {
  let clock, asked, replies, applied, document, queue, polling, heard, came, mayAsk, stale

  beforeEach(() => {
    clock = new Clock()
    asked = []
    replies = []
    applied = []
    const listen = { addEventListener() {}, removeEventListener() {} }
    document = { hidden: false, ...listen }
    const { Polling } = load(["review_grid/others/polling.js"], ["Polling"], {
      ...listen, document, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout,
      AbortSignal: { timeout: () => null }, console: { debug() {} },
      fetch: async (url) => {
        asked.push(url)
        const reply = replies.shift()
        return reply ? { ok: true, json: async () => (await reply) } : { ok: false, status: 503 }
      },
    })
    queue = { pending: [], seq: 0 }
    heard = []
    const claims = { heard: (text) => heard.push(text) }
    came = []
    mayAsk = true
    const arrivals = { ask: (newest) => came.push(newest) && mayAsk }
    const model = { results: { applyOthers: (faces) => applied.push(faces) && faces.includes("theirs") } }
    stale = 0
    const refreshTimer = { heard: () => { stale += 1 } }
    polling = new Polling({ queue, claims, arrivals, model, refreshTimer }, "/app/")
    polling.begin(41, 7)
  })

  /** Wait for what is due, and for the answer; the next wait in milliseconds, without its tenth of chance. */
  async function next() {
    clock.run()
    await settled()
    return clock.waits.map((ms) => Math.round(Math.log2(ms / 4000)) + 0)[0] // 0: about 4 s, 1: about 8 s …
  }

  it("asks for what came after the page, then after what it heard", async () => {
    replies.push({ seq: 43, faces: ["x"], many: false }, { seq: 43, faces: [], many: false })
    await next()
    await next()
    assert.deepEqual(asked, ["/app/api/changes?after=41&face=7", "/app/api/changes?after=43&face=7"])
    assert.deepEqual(applied, [["x"], []])
  })
  it("says that counts are old where others decided something", async () => {
    replies.push({ seq: 43, faces: ["mine"], many: false }, { seq: 44, faces: ["theirs"], many: false })
    await next()
    assert.equal(stale, 0)
    await next()
    assert.equal(stale, 1)
  })
  it("tells of newer faces, again and again until they are asked about", async () => {
    const reply = { seq: 41, faces: [], many: false, newest_face: 25 }
    mayAsk = false
    replies.push(reply, reply, { ...reply, newest_face: undefined })
    await next()
    mayAsk = true
    await next()
    await next()
    assert.deepEqual(asked.map((url) => new URL(url, "http://h").searchParams.get("face")), ["7", "7", "25"])
    assert.deepEqual(came, [25, 25])
  })
  it("passes on what is said of claims, nothing where nobody has any", async () => {
    replies.push({ seq: 41, faces: [], many: false, claims: "a.b" }, { seq: 41, faces: [], many: false })
    await next()
    await next()
    assert.deepEqual(heard, ["a.b", ""])
  })
  it("asks again at once where there is more", async () => {
    replies.push({ seq: 99, faces: ["x"], many: true })
    await next()
    assert.deepEqual(clock.waits, [0])
  })
  it("does not ask while something of one's own is unsaved", async () => {
    queue.pending = [1]
    assert.deepEqual([await next(), asked], [0, []])
  })
  it("does not ask while nobody sees the page", async () => {
    document.hidden = true
    polling.begin(42)
    assert.deepEqual([clock.waits, asked], [[], []])
  })
  it("drops an answer that a decision of one's own has overtaken, and asks once more for the same", async () => {
    replies.push(settled().then(() => ({ seq: 43, faces: ["x"], many: false })), { seq: 43, faces: ["x"], many: false })
    clock.run()
    queue.seq += 1
    await settled()
    await settled()
    assert.deepEqual([applied, polling.after], [[], 41])
    await next()
    assert.deepEqual(asked, ["/app/api/changes?after=41&face=7", "/app/api/changes?after=41&face=7"])
  })
  it("waits longer after each failure", async () => {
    assert.deepEqual([await next(), await next(), await next()], [1, 2, 3])
  })
  it("ends with the page", async () => {
    polling.dispose()
    await next()
    assert.deepEqual([clock.waits, asked], [[], []])
  })
})
