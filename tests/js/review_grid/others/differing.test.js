import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { acknowledge, page, told } from "../page.js"

const BOB_SMILES = told("f1", "accept", 2, "Bob", "bobs")

describe("an answer that differs from what somebody else decided meanwhile", () => {
  let shown, model

  beforeEach(() => {
    shown = page({ differing: true })
    model = shown.model
    model.apply("reject", null, "blurred")
    acknowledge(shown, { status: "differs", faces: [BOB_SMILES], differing: ["f1"] })
  })

  it("is told with the face and both answers, and the hand is where it was", () => {
    assert.deepEqual(model.differing.words(model.differing.first), {
      which: "face 1 of this page",
      what: "Bob decided meanwhile: “smile”. You: rejected: blurred. Both are kept; Bob's counts.",
    })
    assert.deepEqual([model.focus, model.state(0).annotator], [1, "Bob"])
  })
  it("stays while the hand goes on, over a turn of the page and a reload", () => {
    model.apply("unsure")
    acknowledge(shown, { faces: [told("f2", "unsure", null, "Ada", "x")] })
    model.load({ ...model.data, items: [{ id: "f9", sha: "sha-f9" }] })
    assert.equal(model.differing.words(model.differing.first).which, "face f1, on another page")
    const again = page({ differing: true, storage: shown.storage })
    assert.equal(again.model.differing.first.id, "f1")
  })
  it("decided again, it is sent knowing the other one; the focus does not move", () => {
    model.differing.again()
    const [{ op }] = shown.queue.pending
    assert.deepEqual([op.face_id, op.sha256, op.verdict, op.reason, op.seen], ["f1", "sha-f1", "reject", "blurred", "bobs"])
    assert.deepEqual([model.focus, model.state(0).annotator, model.differing.first], [1, "Ada", undefined])
    assert.equal(shown.queue.steps.at(-1).before[0][1].annotator, "Bob")
  })
  it("can be decided again from another page", () => {
    model.load({ ...model.data, items: [{ id: "f9", sha: "sha-f9" }] })
    model.differing.again()
    assert.deepEqual([shown.queue.pending[0].op.sha256, model.state(0).verdict], ["sha-f1", null])
  })
  it("left, it is read; taken back, there is nothing to tell", () => {
    model.differing.leave()
    assert.equal(model.differing.first, undefined)
    model.moveTo(0, false)
    model.apply("unsure")
    acknowledge(shown, { status: "differs", faces: [BOB_SMILES], differing: ["f1"] })
    assert.equal(model.differing.first.mine.verdict, "unsure")
    model.undo()
    acknowledge(shown, { faces: [BOB_SMILES] })
    assert.equal(model.differing.first, undefined)
  })
  it("comes one after the other, the oldest first", () => {
    model.apply("accept", 1)
    acknowledge(shown, { status: "differs", faces: [told("f2", "reject", null, "Cy", "cys")], differing: ["f2"] })
    assert.deepEqual(model.differing.entries.map(({ id, other }) => [id, other.annotator]), [["f1", "Bob"], ["f2", "Cy"]])
  })
  it("nobody who only looks sends it again", () => {
    model.data.locked = "Your role here is viewer."
    model.differing.again()
    assert.deepEqual([shown.queue.pending, model.differing.first.id], [[], "f1"])
  })
})
