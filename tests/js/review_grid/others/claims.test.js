import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { Clock, load, settled } from "../../load.js"

describe("Claims", () => {
  let clock, asked, replies, said, document, listeners, model, claims

  beforeEach(() => {
    clock = new Clock()
    asked = []
    replies = {}
    said = []
    listeners = {}
    const listen = { addEventListener: (name, call) => (listeners[name] = call), removeEventListener() {} }
    document = { hidden: false, ...listen }
    const { Claims } = load(["review_grid/others/claims.js"], ["Claims"], {
      ...listen, document, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout,
      AbortSignal: { timeout: () => null }, console: { debug() {} },
      fetch: async (url, { body, keepalive }) => {
        asked.push([url.replace("/app/api/claims/", ""), JSON.parse(body), ...(keepalive ? ["keepalive"] : [])])
        const reply = replies[asked.at(-1)[0]]
        return reply ? { ok: true, json: async () => reply } : { ok: false, status: 503 }
      },
    })
    model = { items: [{ id: "f1" }, { id: "f2" }], setClaimed: (claimed) => (model.claimed = claimed) }
    claims = new Claims({ model, announce: (text) => said.push(text) }, "/app/")
  })

  it("a page that is seen renews its batch, again and again", async () => {
    replies.renew = { alive: true }
    claims.begin({ batch: "b1", told: "2 faces for you" })
    await settled()
    clock.run()
    await settled()
    assert.deepEqual([asked, said], [[["renew", { batch: "b1" }], ["renew", { batch: "b1" }]], ["2 faces for you"]])
  })
  it("a hidden page does not; seen again it does at once", async () => {
    document.hidden = true
    claims.begin({ batch: "b1" })
    clock.run()
    assert.deepEqual(asked, [])
    document.hidden = false
    listeners.visibilitychange()
    assert.deepEqual(asked, [["renew", { batch: "b1" }]])
  })
  it("tells that a batch has ended, and renews it no more", async () => {
    replies.renew = { alive: false }
    claims.begin({ batch: "b1" })
    await settled()
    assert.match(said[0], /went back to the others/)
    clock.run()
    assert.equal(asked.length, 1)
  })
  it("goes on after an answer that did not come", async () => {
    claims.begin({ batch: "b1" })
    await settled()
    clock.run()
    assert.deepEqual([asked.length, said], [2, []])
  })
  it("says that the page is left, by whatever way", () => {
    claims.begin({ batch: "b1" })
    listeners.pagehide()
    claims.dispose()
    assert.deepEqual(asked.slice(1), [["renew", { batch: "b1", left: true }, "keepalive"]])
  })
  it("going back to the list leaves the batch; another batch replaced it on the server", () => {
    claims.begin({ batch: "b1" })
    claims.begin({ batch: "b2" })
    claims.begin({ batch: null })
    assert.deepEqual(asked.map(([what, { batch, left }]) => [what, batch, Boolean(left)]),
      [["renew", "b1", false], ["renew", "b2", false], ["renew", "b2", true]])
  })
  it("asks who has faces only when the claims changed", async () => {
    replies.others = { claimed: { f2: "Bob" } }
    await claims.heard("x")
    await claims.heard("x")
    assert.deepEqual([asked, model.claimed], [[["others", { faces: ["f1", "f2"] }]], { f2: "Bob" }])
    await claims.heard("")
    assert.deepEqual([asked.length, model.claimed], [1, {}])
  })
  it("asks again about another page, and after an answer that did not come", async () => {
    await claims.heard("x")
    replies.others = { claimed: { f1: "Bob" } }
    await claims.heard("x")
    claims.begin({})
    await claims.heard("x")
    assert.equal(asked.length, 3)
  })
})
