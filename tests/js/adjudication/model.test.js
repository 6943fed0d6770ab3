import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

const item = (id) => ({ id, sha: `sha-${id}`, decision: `d-${id}`, answers: [], copies: [] })
const CLASSES = [{ id: 3, name: "smile", key: "3" }]
const DATA = { page_key: "p1", left: 40, classes: CLASSES, items: [item("a"), item("b"), item("c")] }

describe("AdjudicationModel", () => {
  let model, queue, said, ids

  beforeEach(() => {
    ids = 0
    const now = { ms: 0 }
    const globals = { crypto: { randomUUID: () => `id${++ids}` }, performance: { now: () => (now.ms += 700) } }
    const { AdjudicationModel } = load(["_shared/ids.js", "_shared/face_batch/model.js", "adjudication/model.js"], ["AdjudicationModel"], globals)
    queue = { pending: [], listeners: new Set(), push(records) { this.pending.push(...records) } }
    said = []
    model = new AdjudicationModel(queue, () => {}, (text, isError = false) => said.push([text, isError]))
    model.load(structuredClone(DATA))
  })

  const ops = () => queue.pending.map(({ op }) => op)
  const answer = (op, status, message = "") => {
    const acknowledged = [{ record: { op }, result: { uuid: op.uuid, status, message } }]
    for (const listener of queue.listeners) listener({ acknowledged })
  }

  it("settles the face that is looked at, says what it saw, and goes on", () => {
    assert.equal(model.decide("accept", 3), true)
    const [op] = ops()
    assert.deepEqual([op.op, op.kind, op.verdict, op.class_id], ["decide", "adjudication", "accept", 3])
    assert.deepEqual([op.face_id, op.sha256, op.seen], ["a", "sha-a", "d-a"])
    assert.ok(op.took_ms > 0)
    assert.equal(model.item.id, "b")
    assert.equal(model.left, 39)
    assert.equal(said.at(-1)[0], "settled: “smile”")
  })

  it("undoes step by step, each by its own step, and stays where it is undone", () => {
    model.decide("reject")
    model.decide("unsure")
    const steps = ops().map(({ step }) => step)
    assert.equal(model.undo(), true)
    assert.equal(model.item.id, "b")
    assert.equal(model.undo(), true)
    assert.equal(model.item.id, "a")
    assert.deepEqual(ops().slice(2).map(({ op, step }) => [op, step]), [["undo", steps[1]], ["undo", steps[0]]])
    assert.equal(model.left, 40)
  })

  it("takes nothing back that this visit did not do: the newest step may be a label of Review", () => {
    assert.equal(model.undo(), false)
    assert.deepEqual(ops(), [])
    assert.equal(said.length, 1)
  })

  it("comes back to a face that was passed over, and is done when none is left", () => {
    model.move(1)
    model.decide("reject")
    model.decide("reject")
    assert.equal(model.item.id, "a")
    assert.equal(model.done, false)
    model.decide("reject")
    assert.equal(model.done, true)
  })

  it("overrules itself knowingly: what it saw is its own decision", () => {
    model.decide("reject")
    model.move(-1)
    model.decide("accept", 3)
    assert.equal(ops()[1].seen, ops()[0].uuid)
  })

  it("a refused one is unsettled again, and the reason is told", () => {
    model.decide("reject")
    answer(ops()[0], "refused", "the face was removed")
    assert.equal(model.left, 40)
    assert.deepEqual(said.at(-1), ["the face was removed", true])
  })

  it("one that had not seen another adjudication is told, and stays", () => {
    model.decide("reject")
    answer(ops()[0], "differs", "Ben settled it meanwhile")
    assert.deepEqual(said.at(-1), ["Ben settled it meanwhile", true])
    assert.equal(model.left, 39)
  })

  it("moves within the batch", () => {
    assert.equal(model.move(-1), false)
    assert.equal(model.move(9), true)
    assert.equal(model.item.id, "c")
  })
})
