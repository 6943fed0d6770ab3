import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { page } from "./page.js"

const IDS = Array.from({ length: 10 }, (_, at) => `f${at}`)
const brush = { verdict: "accept", class_id: 2, reason: null }
const marked = (queue) => queue.pending.filter(({ op }) => op.context?.off_screen).map(({ op }) => op.face_id)

function opened(screenful, seen, data = {}) {
  const made = page({ ids: IDS, ...data })
  made.model.brush = brush
  made.model.onScreen.look = () => made.model.onScreen.note(screenful, seen)
  made.model.onScreen.look()
  return made
}

describe("Enter on a page of which some was not on the screen", () => {
  it("asks once where that is more than a screenful, then decides and says which in the log", () => {
    const { model, queue, said } = opened(4, ["f0", "f1", "f2", "f3"])
    assert.equal(model.restOfPage(), true)
    assert.equal(queue.pending.length, 0)
    assert.match(said.at(-1)[0], /^6 of these 10 have not been on the screen/)
    model.restOfPage()
    assert.equal(queue.pending.length, 10)
    assert.deepEqual(marked(queue), ["f4", "f5", "f6", "f7", "f8", "f9"])
  })
  it("asks nothing where it is a screenful or less, and marks it all the same", () => {
    const { model, queue } = opened(5, ["f0", "f1", "f2", "f3", "f4"])
    model.restOfPage()
    assert.deepEqual(marked(queue), ["f5", "f6", "f7", "f8", "f9"])
  })
  it("marks nothing once all were seen, nor where no grid said anything", () => {
    const all = opened(3, IDS)
    all.model.restOfPage()
    assert.deepEqual([all.queue.pending.length, marked(all.queue)], [10, []])
    const { model, queue } = page({ ids: IDS })
    model.brush = brush
    model.restOfPage()
    assert.deepEqual([queue.pending.length, marked(queue)], [10, []])
  })
  it("counts what is undecided alone, and forgets with the page", () => {
    const { model } = opened(2, ["f0"])
    assert.equal(model.onScreen.told("rest", model.unclaimed()), "rest · 9 not seen")
    model.decide([8, 9], "unsure")
    assert.equal(model.onScreen.told("rest", model.unclaimed()), "rest · 7 not seen")
    model.load({ ...model.data, items: [{ id: "g0", sha: "s" }] })
    assert.deepEqual([model.onScreen.shown.size, model.onScreen.told("rest", [0])], [0, "rest"])
  })
  it("is asked for suggestions, too, and what was not seen was not looked at", () => {
    const faces = Object.fromEntries(IDS.map((id) => [id, { suggestion: { class_id: 2, p: 0.99, proof: "p" } }]))
    const more = { labelling: true, batch: { id: 1 }, suggester: { name: "moue", version: 3 }, faces }
    const { model, queue } = opened(4, ["f0", "f1", "f2", "f3"], more)
    assert.equal(model.confirming.confirm(), true)
    assert.equal(queue.pending.length, 0)
    model.confirming.confirm()
    const [first, last] = [queue.pending[0].op.context, queue.pending.at(-1).op.context]
    assert.deepEqual([first.confirmed.in_batch, first.off_screen], [true, undefined])
    assert.deepEqual([last.confirmed.in_batch, last.confirmed.version, last.off_screen], [undefined, 3, true])
  })
})
