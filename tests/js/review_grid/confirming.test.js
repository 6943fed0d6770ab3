import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { page } from "./page.js"

const suggested = (class_id, p) => ({ suggestion: { class_id, p, proof: `proof-${class_id}-${p}` } })
const FACES = { f1: suggested(2, 0.81), f2: suggested(1, 0.99), f3: suggested(2, 0.95), f4: {}, f5: suggested(2, 0.5) }
const IDS = Object.keys(FACES)
const SUGGESTER = { name: "moue", version: 12 }
const labelling = (more = {}) => page({ ids: IDS, faces: FACES, labelling: true, suggester: SUGGESTER, workspace: "w", ...more })
const shown = (model) => model.items.map(({ id }) => id)

describe("labelling with suggestions", () => {
  it("shows one class at a time, the surest first, those without a suggestion last", () => {
    const { model } = labelling()
    const parts = model.parts.map((items) => items.map(({ id }) => id))
    assert.deepEqual(parts, [["f2"], ["f3", "f1", "f5"], ["f4"]])
    assert.deepEqual(shown(model), ["f2"])
  })
  it("confirms what reaches the threshold, in one step, each with what was suggested", () => {
    const { model, queue, said } = labelling()
    model.showPart(1)
    assert.equal(model.confirming.text(), "confirm 2 of 3: “smile”")
    assert.equal(model.confirming.confirm(), true)
    const ops = queue.pending.map(({ op }) => op)
    assert.deepEqual(ops.map(({ face_id, verdict, class_id }) => [face_id, verdict, class_id]), [["f3", "accept", 2], ["f1", "accept", 2]])
    assert.equal(new Set(ops.map(({ step }) => step)).size, 1)
    assert.deepEqual(ops[0].context, { confirmed: { suggester: "moue", version: 12, probability: 0.95, proof: "proof-2-0.95" } })
    assert.deepEqual(model.items.map((_, at) => model.state(at).verdict), ["accept", "accept", null])
    assert.deepEqual(said.at(-1), ["2 confirmed as “smile”, one step; 1 below 80 % stay", false])
  })
  it("leaves exceptions that were decided by key, and those that others have before them", () => {
    const { model, queue } = labelling()
    model.showPart(1)
    model.apply("accept", 1)
    model.setClaimed({ f1: "Ben" })
    assert.equal(model.confirming.confirm(), false)
    assert.deepEqual(queue.pending.map(({ op }) => [op.face_id, op.class_id, op.context]), [["f3", 1, undefined]])
  })
  it("is taken back at once", () => {
    const { model, queue } = labelling()
    model.showPart(1)
    model.confirming.confirm()
    model.undo()
    assert.deepEqual(model.items.map((_, at) => model.state(at).verdict), [null, null, null])
    assert.equal(queue.pending.at(-1).op.op, "undo")
  })
  it("keeps the threshold for the person, and goes by it", () => {
    const kept = {}
    const { model } = labelling({ kept })
    model.showPart(1)
    model.confirming.set(95)
    assert.equal(model.confirming.targets().length, 1, "95 % reaches 95 %")
    model.confirming.set(0)
    assert.equal(model.confirming.targets().length, 3)
    assert.equal(labelling({ kept: { "moue:threshold:w:Ada": "0" } }).model.confirming.threshold, 0)
    assert.equal(labelling({ kept: { "moue:threshold:w:Ben": "0" } }).model.confirming.threshold, 80)
    assert.equal(labelling({ kept: { "moue:threshold:other:Ada": "0" } }).model.confirming.threshold, 80, "by workspace")
    assert.equal(labelling({ kept: { "moue:threshold:w:Ada": "much" } }).model.confirming.threshold, 80)
  })
  it("offers the highest threshold that has faces where none reaches it, and goes by it", () => {
    const unsure = { f1: suggested(2, 0.599), f3: suggested(2, 0.601), f5: suggested(2, 0.3) }
    const { model } = labelling({ faces: { ...FACES, ...unsure } })
    model.showPart(1)
    assert.equal(model.confirming.text(), "confirm: 0 of 3")
    assert.equal(model.confirming.highest(), 60)
    model.confirming.lower()
    assert.equal(model.confirming.threshold, 60)
    assert.equal(model.confirming.text(), "confirm 1 of 3: “smile”")
    assert.equal(model.confirming.highest(), null, "nothing to offer where something is confirmed")
    model.showPart(2)
    assert.equal(model.confirming.highest(), null, "nor where nothing is suggested")
  })
  it("confirms nothing where nothing is suggested, nor a class that was put away", () => {
    const { model } = labelling({ faces: { ...FACES, f2: suggested(3, 1) } })
    model.confirming.set(0)
    for (const part of model.parts.keys()) {
      model.showPart(part)
      if (model.confirming.classId() !== 2) assert.equal(model.confirming.confirm(), false)
    }
  })
  it("turns back to the class whose step is taken back", () => {
    const { model } = labelling()
    const turned = []
    model.partTurned = () => turned.push(model.part)
    model.showPart(1)
    model.confirming.confirm()
    model.turnTo(2)
    model.undo()
    assert.deepEqual([model.part, turned], [1, [2, 1]])
    assert.deepEqual(model.items.map((_, at) => model.state(at).verdict), [null, null, null])
  })
  it("sends what the server signed, and that a batch was looked at", () => {
    for (const [batch, looked] of [[null, undefined], ["b", true]]) {
      const { model, queue } = labelling({ batch })
      model.confirming.confirm()
      assert.equal(queue.pending[0].op.context.confirmed.in_batch, looked)
      assert.equal(queue.pending[0].op.context.confirmed.proof, "proof-1-0.99")
    }
  })
  it("counts what is decided over all classes of the page", () => {
    const { model } = labelling()
    model.apply("unsure")
    model.showPart(1)
    assert.deepEqual([model.countDecided(), model.countUndecided()], [1, 3])
  })
  it("is off on any other page", () => {
    const { model } = labelling({ labelling: false })
    assert.deepEqual([model.parts.length, shown(model), model.confirming.reaches(0)], [1, IDS, false])
  })
  it("does not confirm for somebody who only looks", () => {
    const { model, queue } = labelling({ locked: "Your role here is viewer." })
    model.showPart(1)
    model.confirming.confirm()
    assert.deepEqual(queue.pending, [])
  })
})
