import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { Clock, load } from "../load.js"

describe("Changes", () => {
  let changes, clock, sent, late, warned, alive

  beforeEach(() => {
    clock = new Clock()
    let ids = 0
    sent = []
    late = []
    warned = 0
    alive = true
    const globals = {
      ...clock, crypto: { randomUUID: () => `t${++ids}` },
      addEventListener: () => { warned = true }, removeEventListener: () => { warned = false },
    }
    const { Changes } = load(["_shared/ids.js", "class_editor/changes.js"], ["Changes"], globals)
    const seen = ({ do: what }) => `seen by ${what} after ${sent.length}`
    changes = new Changes({ seen, late: (change, n) => late.push([change.do, n]), alive: () => alive })
    changes.send = (change) => sent.push(structuredClone(change))
  })

  const push = (what, id = 1, value = "") => changes.push({ do: what, id, value })
  const answer = () => {
    const found = changes.answered(sent.at(-1).token)
    changes.go()
    return found
  }

  it("goes one at a time: the second waits for the answer to the first", () => {
    push("name", 1, "a")
    push("name", 2, "b")
    assert.deepEqual(sent.map(({ id, value }) => [id, value]), [[1, "a"]])
    assert.equal(answer().id, 1)
    assert.deepEqual(sent.map(({ id, value }) => [id, value]), [[1, "a"], [2, "b"]])
    assert.equal(answer().id, 2)
    assert.equal(changes.waiting.length, 0)
  })

  it("takes what was seen as it goes, so that one's own change before it is no other's", () => {
    push("up")
    push("up")
    answer()
    assert.deepEqual(sent.map(({ seen }) => seen), ["seen by up after 0", "seen by up after 1"])
  })

  it("comes again as the same one, and says so, until it is answered", () => {
    push("name", 1, "a")
    push("key", 1, "b")
    clock.run()
    clock.run()
    assert.deepEqual(sent.map(({ token, seen }) => [token, seen]), Array(3).fill(["t1", "seen by name after 0"]))
    assert.deepEqual(late, [["name", 2], ["name", 2]])
    answer()
    answer()
    clock.run()
    assert.equal(sent.length, 4)
  })

  it("passes over an answer to something else, and to what was answered", () => {
    push("name", 1, "a")
    assert.equal(changes.answered("other"), null)
    assert.equal(changes.answered(""), null)
    answer()
    assert.equal(changes.answered("t1"), null)
  })

  it("takes a double click for one, and two moves for two", () => {
    assert.deepEqual([push("add", 0, "x"), push("add", 0, "x"), push("add", 0, "y")], [true, false, true])
    assert.deepEqual([push("down", 3), push("down", 3)], [true, true])
    assert.equal(changes.waiting.length, 4)
  })

  it("asks before the page is left while something waits", () => {
    push("archive")
    assert.equal(warned, true)
    answer()
    assert.equal(warned, false)
  })

  it("sends nothing more from a page that is no longer shown", () => {
    push("archive")
    alive = false
    clock.run()
    assert.deepEqual([sent.length, clock.waits, warned], [1, [], false])
  })
})

describe("fieldAfter", () => {
  const { fieldAfter } = load(["class_editor/changes.js"], ["fieldAfter"])
  const field = (more) => ({ shown: "a", value: "a", active: false, waits: false, ...more })
  const cases = [
    ["first shown", field({ shown: undefined, value: "" }), "a", null, ["a", "a"]],
    ["another's change comes in", field(), "b", null, ["b", "b"]],
    ["also where the caret stands and nothing is typed", field({ active: true }), "b", null, ["b", "b"]],
    ["what is being typed stays, and was typed over what was shown", field({ active: true, value: "ax" }), "b", null, ["a", "ax"]],
    ["a change that waits stays", field({ value: "x", waits: true }), "a", null, ["a", "x"]],
    ["an answer: as it is stored", field({ value: " x ", active: true }), "x", { value: " x " }, ["x", "x"]],
    ["a refusal: as it is stored", field({ value: "?" }), "a", { value: "?" }, ["a", "a"]],
    ["typed on since it was sent", field({ value: "xy", active: true }), "x", { value: "x" }, ["x", "xy"]],
    ["changed again since it was sent", field({ value: "xy", waits: true }), "x", { value: "x" }, ["x", "xy"]],
  ]
  for (const [what, before, stored, answer, [shown, value]] of cases) {
    it(what, () => assert.deepEqual(fieldAfter(before, stored, answer), { shown, value }))
  }
})
