import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { Clock, load, settled } from "../load.js"

const PART = 8 * 1024 * 1024

/** A file of so many bytes, of which nobody holds the bytes. */
function fileOf(size) {
  const part = (from, to) => ({ from, to: Math.min(to, size), arrayBuffer: async () => new ArrayBuffer(0) })
  return { size, lastModified: 5, slice: part }
}

describe("deliver", () => {
  let clock, requests, replies, state, troubles, progress, deliver

  class XMLHttpRequest {
    upload = {}
    open(method, url) { this.head = `${method} ${new URL(url, "http://x").searchParams.get("offset") ?? "whole"}` }
    abort() { this.onabort() }
    send(body) {
      requests.push(body ? `${this.head} ${body.from}-${body.to}` : this.head)
      const reply = replies.shift()
      queueMicrotask(() => {
        if (!reply) return this.onerror()
        if (body) this.upload.onprogress({ loaded: body.to - body.from })
        Object.assign(this, { status: reply[0], responseText: reply[1] === undefined ? "<html>" : JSON.stringify(reply[1]) })
        return this.onload()
      })
    }
  }

  const start = (size) => deliver(state, { file: fileOf(size), name: "a b.jpg", number: 3 }, (bytes) => progress.push(bytes))

  /** Run the clock until the file is there or is given up. */
  async function outcome(delivery) {
    const end = { over: false }
    const done = delivery.then((told) => Object.assign(end, { over: true, told }))
    while (!end.over) {
      await settled()
      clock.run()
    }
    await done
    return end.told
  }

  beforeEach(() => {
    clock = new Clock()
    requests = []
    replies = []
    troubles = []
    progress = []
    state = { url: "/up", kind: "photos", batch: "b", stopped: false, wake() {}, trouble: (text) => text && troubles.push(text) }
    const window = { addEventListener() {}, removeEventListener() {} }
    ;({ deliver } = load(["_shared/sending.js"], ["deliver"],
      { XMLHttpRequest, window, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout }))
  })

  it("sends a small file whole", async () => {
    replies.push([200, { name: "a b.jpg" }])
    assert.equal(await start(1000), null)
    assert.deepEqual([requests, progress], [["PUT whole 0-1000"], [1000]])
  })

  it("asks how much of a large file is there, and sends the rest in parts", async () => {
    replies.push([200, { have: PART }], [200, { have: 2 * PART }], [200, { name: "a b.jpg" }])
    assert.equal(await start(2 * PART + 7), null)
    assert.deepEqual(requests, ["GET whole", `PUT ${PART} ${PART}-${2 * PART}`, `PUT ${2 * PART} ${2 * PART}-${2 * PART + 7}`])
    assert.deepEqual(progress, [PART, 2 * PART, 2 * PART, 2 * PART + 7])
  })

  it("asks again after a break, and goes on there", async () => {
    replies.push([200, { have: 0 }], null, [200, { have: 4096 }], [200, { name: "a b.jpg" }])
    assert.equal(await outcome(start(PART + 1)), null)
    assert.deepEqual(requests, ["GET whole", `PUT 0 0-${PART}`, "GET whole", `PUT 4096 4096-${PART + 1}`])
    assert.deepEqual(troubles, ["The connection broke; trying again. What has arrived is kept."])
  })

  it("does not try again what the server does not take", async () => {
    replies.push([413, { error: "too large" }])
    assert.equal(await start(10), "too large")
  })

  it("says the number where a proxy answers with its own page", async () => {
    replies.push([404])
    assert.equal(await start(10), "the server answered 404")
  })

  it("gives up after ten tries", async () => {
    replies.push(...Array(11).fill([503, { error: "busy" }]))
    assert.equal(await outcome(start(10)), "busy")
    assert.equal(requests.length, 11)
  })

  it("says that the file is gone", async () => {
    replies.push(null)
    const file = { ...fileOf(10), slice: () => ({ arrayBuffer: async () => { throw new Error("NotReadableError") } }) }
    const why = await deliver(state, { file, name: "a.jpg", number: 0 }, () => {})
    assert.equal(why, "the file was changed or is not there any more: choose it again")
  })

  it("stops", async () => {
    state.stopped = true
    assert.deepEqual([await start(10), requests], ["stopped", []])
  })
})

it("the wait doubles, from half a second to fifteen", () => {
  const { waitAfter } = load(["_shared/sending.js"], ["waitAfter"])
  assert.deepEqual([1, 2, 3, 6, 10].map(waitAfter), [500, 1000, 2000, 15000, 15000])
})

it("the address names the file, its batch and its state on the reader's disk", () => {
  const { address } = load(["_shared/sending.js"], ["address"])
  const item = { file: { size: 10, lastModified: 5 }, name: "a&b/ü.jpg", number: 2 }
  const state = { url: "/up", batch: "B", kind: "photos" }
  assert.equal(address(state, item), "/up?name=a%26b%2F%C3%BC.jpg&batch=B&kind=photos&size=10&modified=5&number=2")
  assert.equal(address(state, item, 8), "/up?name=a%26b%2F%C3%BC.jpg&batch=B&kind=photos&size=10&modified=5&number=2&offset=8")
})
