import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load, settled } from "../load.js"

const item = (id, place) => ({ id, place, sha: `sha-${id}`, decision: `d-${id}`, class_id: 3, suggested: 1, kinds: [] })
const CLASSES = [{ id: 1, name: "none", key: "1" }, { id: 3, name: "smile", key: "3" }]
const DATA = { page_key: "p1", left: 40, kind: "", classes: CLASSES, items: [item("a", 0), item("b", 1), item("c", 2)] }

describe("SlipModel", () => {
  let model, queue, said, ids, posted, fail

  beforeEach(() => {
    ids = 0
    fail = null
    posted = []
    const now = { ms: 0 }
    const globals = { crypto: { randomUUID: () => `id${++ids}` }, performance: { now: () => (now.ms += 700) } }
    const { SlipModel } = load(["_shared/ids.js", "_shared/face_batch/model.js", "possible_slips/model.js"], ["SlipModel"], globals)
    queue = { pending: [], listeners: new Set(), push(records) { this.pending.push(...records) } }
    said = []
    const post = async (...what) => {
      posted.push(what)
      if (fail) throw fail
    }
    model = new SlipModel(queue, post, () => {}, (text, isError = false) => said.push([text, isError]))
    model.load(structuredClone(DATA))
  })

  const ops = () => queue.pending.map(({ op }) => op)

  it("keeps a label without any decision, and goes on", async () => {
    assert.equal(model.keep(), true)
    assert.equal(model.item.id, "b")
    assert.equal(model.left, 39)
    assert.equal(model.pending, 1)
    await settled()
    assert.equal(model.pending, 0)
    assert.deepEqual(posted, [["a", 3, true]])
    assert.deepEqual(ops(), [])
    assert.equal(said.at(-1)[0], "kept: “smile”")
  })

  it("changes a label by a decision that says what it saw", () => {
    model.decide("accept", 1)
    const [op] = ops()
    assert.deepEqual([op.op, op.kind, op.verdict, op.class_id], ["decide", "", "accept", 1])
    assert.deepEqual([op.face_id, op.sha256, op.seen], ["a", "sha-a", "d-a"])
    assert.ok(op.took_ms > 0)
    assert.equal(model.item.id, "b")
  })

  it("takes the key of the class that it has for keeping it", async () => {
    model.decide("accept", 3)
    await settled()
    assert.deepEqual(posted, [["a", 3, true]])
    assert.deepEqual(ops(), [])
  })

  it("undoes step by step, each in its own way", async () => {
    model.keep()
    model.decide("reject")
    const [{ step }] = ops()
    assert.equal(model.undo(), true)
    assert.equal(model.item.id, "b")
    assert.deepEqual([ops()[1].op, ops()[1].step], ["undo", step])
    assert.equal(model.undo(), true)
    assert.equal(model.item.id, "a")
    await settled()
    assert.deepEqual(posted, [["a", 3, true], ["a", 3, false]])
    assert.equal(model.left, 40)
    assert.equal(model.undo(), false)
  })

  it("a second answer overrules the first knowingly, and its undo gives the first one back", () => {
    model.decide("reject")
    model.move(-1)
    model.decide("accept", 1)
    assert.equal(ops()[1].seen, ops()[0].uuid)
    model.undo()
    assert.equal(model.items[0].answer.verdict, "reject")
  })

  it("what was changed is not kept by a stray key", () => {
    model.decide("accept", 1)
    model.move(-1)
    assert.equal(model.keep(), false)
    assert.deepEqual(posted, [])
    assert.equal(model.items[0].answer.class_id, 1)
  })

  it("one that could not be kept is open again, and the reason is told", async () => {
    fail = new Error("this face carries another label by now")
    model.keep()
    await settled()
    assert.equal(model.left, 40)
    assert.deepEqual(said.at(-1), ["this face carries another label by now", true])
    assert.equal(model.undo(), false)
    assert.equal(model.pending, 0)
  })

  it("a refused change is open again", () => {
    model.decide("reject")
    const [op] = ops()
    for (const listener of queue.listeners) listener({ acknowledged: [{ record: { op }, result: { uuid: op.uuid, status: "refused", message: "the face was removed" } }] })
    assert.equal(model.left, 40)
    assert.deepEqual(said.at(-1), ["the face was removed", true])
  })

  it("is done when all are answered, also those that were passed over", () => {
    model.move(1)
    model.keep()
    model.keep()
    assert.equal(model.item.id, "a")
    assert.equal(model.done, false)
    model.decide("unsure")
    assert.equal(model.done, true)
  })
})
