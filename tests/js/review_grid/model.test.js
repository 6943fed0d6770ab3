import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { acknowledge, page, told, UNDECIDED } from "./page.js"

const BOBS = { verdict: "accept", class_id: 2, reason: null, annotator: "Bob", decision: "bobs" }

describe("a page that is loaded", () => {
  it("begins at its first undecided face", () => assert.equal(page({ faces: { f1: BOBS } }).model.focus, 1))
  it("begins at the first face where all are decided", () => {
    assert.equal(page({ ids: ["f1"], faces: { f1: BOBS } }).model.focus, 0)
  })
  it("shows what is not acknowledged yet over what the server said", () => {
    const { model } = page()
    model.apply("unsure")
    model.load(model.data)
    assert.equal(model.state(0).verdict, "unsure")
    assert.equal(model.focus, 1)
  })
  it("has no put-away class among its keys, but knows its name", () => {
    const { model } = page()
    assert.deepEqual(model.active.map(({ key }) => key), ["1", "2"])
    assert.equal(model.describe({ verdict: "accept", class_id: 3 }), "“old”")
  })
})

describe("a page of somebody who only looks", () => {
  const locked = "Your role here is viewer."
  const press = {
    "a class": (model) => model.apply("accept", 2), "the rest of the page": (model) => model.restOfPage(),
    undo: (model) => model.undo(), redo: (model) => model.redo(),
  }
  for (const [what, act] of Object.entries(press)) {
    it(`shows and sends nothing for ${what}, and tells why once`, () => {
      const { model, queue, said } = page({ locked })
      model.brush = { verdict: "unsure", class_id: null, reason: null }
      act(model)
      act(model)
      model.apply("unsure")
      assert.deepEqual([queue.pending, model.state(0).verdict, model.focus], [[], null, 0])
      assert.deepEqual(said, [[locked, true]])
    })
  }
})

describe("one decision", () => {
  it("is shown, queued with the time it took, and the focus moves on", () => {
    const { model, queue, now, said } = page()
    now.ms = 1500
    model.apply("accept", 2)
    const [{ op, effects }] = queue.pending
    assert.deepEqual({ ...op, uuid: "", step: "" }, {
      op: "decide", uuid: "", step: "", face_id: "f1", sha256: "sha-f1", verdict: "accept", class_id: 2, reason: null, took_ms: 1500, seen: "",
    })
    const state = { verdict: "accept", class_id: 2, reason: null, annotator: "Ada", decision: op.uuid }
    assert.deepEqual(effects, [["f1", state]])
    assert.deepEqual([model.state(0), model.focus, said], [state, 1, [["“smile”", false]]])
  })
  it("of a person who was away took ten minutes at most", () => {
    const { model, queue, now } = page()
    now.ms = 5_000_000
    model.apply("unsure")
    assert.equal(queue.pending[0].op.took_ms, 600_000)
  })
  it("stays where it is when advance is off", () => {
    const { model } = page()
    model.advance = false
    model.apply("unsure")
    assert.equal(model.focus, 0)
  })
  it("is not taken while the page turns", () => {
    const { model, queue } = page()
    model.pageTurning = true
    model.apply("unsure")
    assert.equal(queue.pending.length, 0)
  })
  it("on the last face ends the page: one key more labels nothing", () => {
    const { model, queue, said } = page({ ids: ["f1"] })
    model.apply("unsure")
    model.apply("accept", 1)
    assert.equal(queue.pending.length, 1)
    assert.equal(said.at(-1)[0], "end of the page: n turns it, an arrow key goes back to a face")
  })
})

describe("a selection", () => {
  it("is one step, its time shared out", () => {
    const { model, queue, now, said } = page()
    model.select([0, 1], 1)
    now.ms = 1000
    model.apply("accept", 1)
    assert.deepEqual(queue.pending.map(({ op }) => [op.face_id, op.took_ms]), [["f1", 500], ["f2", 500]])
    assert.equal(new Set(queue.pending.map(({ op }) => op.step)).size, 1)
    assert.deepEqual([queue.steps.length, said], [1, [["“neutral”: 2 faces, one step", false]]])
    assert.deepEqual([model.focus, model.selected.size], [2, 0])
  })
})

describe("a reject", () => {
  it("takes a reason by a second key, in the same step", () => {
    const { model, queue, said } = page()
    model.apply("reject")
    model.setReason("blurred")
    assert.deepEqual(queue.pending.map(({ op }) => op.reason), [null, "blurred"])
    assert.equal(queue.pending[0].op.step, queue.pending[1].op.step)
    assert.deepEqual([queue.steps.length, model.armed, said.at(-1)[0]], [1, null, "rejected: blurred"])
  })
})

describe("the rest of the page", () => {
  it("gets the brush, the decided faces stay", () => {
    const { model, queue } = page({ faces: { f2: BOBS } })
    model.brush = { verdict: "accept", class_id: 1, reason: null }
    assert.equal(model.restOfPage(), true)
    assert.deepEqual(queue.pending.map(({ op }) => op.face_id), ["f1", "f3"])
    assert.equal(model.countUndecided(), 0)
  })
  it("takes nothing away from somebody who has it before them; a key on it does", () => {
    const { model, queue } = page()
    model.setClaimed({ f2: "Bob", elsewhere: "Bob" })
    model.brush = { verdict: "accept", class_id: 1, reason: null }
    assert.deepEqual([model.claimedBy(1), model.claimedBy(0)], ["Bob", ""])
    model.restOfPage()
    assert.deepEqual(queue.pending.map(({ op }) => op.face_id), ["f1", "f3"])
    assert.deepEqual([model.countUndecided(), model.unclaimed(), model.restOfPage()], [1, [], false])
    model.decide([1], "unsure")
    assert.deepEqual([queue.pending.at(-1).op.face_id, model.claimedBy(1)], ["f2", ""])
  })
  it("needs a brush", () => assert.equal(page().model.restOfPage(), false))
  it("rejects where the list proposes that", () => {
    const { model, queue } = page({ brush: "too_small" })
    model.restOfPage()
    assert.deepEqual(queue.pending.map(({ op }) => [op.verdict, op.reason]), Array(3).fill(["reject", "too_small"]))
  })
})

describe("undo and redo", () => {
  it("foresee what the server will say", () => {
    const { model, queue, said } = page()
    model.apply("accept", 2)
    model.undo()
    assert.deepEqual([model.state(0), model.focus], [UNDECIDED, 0])
    model.redo()
    assert.equal(model.state(0).class_id, 2)
    assert.deepEqual(said.map(([text]) => text), ["“smile”", "took back: “smile”", "again: “smile”"])
    const [decide, undo, redo] = queue.pending.map(({ op }) => op)
    assert.deepEqual([undo.step, redo.undo], [decide.step, undo.uuid])
  })
  it("redo nothing after a new decision", () => {
    const { model, queue } = page()
    model.apply("accept", 2)
    model.undo()
    model.apply("unsure")
    assert.deepEqual(queue.undone, [])
  })
  it("ask the server where this tab knows of no step", () => {
    const { model, queue, said } = page()
    model.undo()
    assert.equal(queue.pending[0].ask, true)
    acknowledge({ model, queue }, { faces: [] })
    assert.deepEqual(said, [["nothing to undo", false]])
  })
})

describe("the server's results", () => {
  it("become the base", () => {
    const shown = page()
    shown.model.apply("accept", 2)
    const { uuid } = shown.queue.pending[0].op
    acknowledge(shown, { faces: [told("f1", "accept", 2, "Ada", uuid)] })
    assert.deepEqual(shown.model.state(0), { verdict: "accept", class_id: 2, reason: null, annotator: "Ada", decision: uuid })
  })
  it("refused: the face is as before, says why, and no undo is about it", () => {
    const shown = page()
    shown.model.apply("accept", 2)
    acknowledge(shown, { status: "refused", message: "of another photo" })
    assert.deepEqual(shown.model.state(0), UNDECIDED)
    assert.equal(shown.model.errors.get("f1"), "of another photo")
    assert.deepEqual([shown.queue.steps, shown.said.at(-1)], [[], ["not taken: of another photo", true]])
  })
  it("differs: somebody else's decision counts and is named, and an undo leaves it", () => {
    const shown = page()
    shown.model.apply("reject")
    acknowledge(shown, { status: "differs", faces: [told("f1", "accept", 1, "Bob", "bobs")], differing: ["f1"] })
    assert.equal(shown.model.state(0).annotator, "Bob")
    assert.deepEqual([shown.model.armed, shown.queue.steps.length], [null, 1])
    assert.deepEqual(shown.said.at(-1), ["decided meanwhile by Bob: “neutral”; decide again to overrule it", true])
    shown.model.undo()
    assert.deepEqual([shown.model.state(0).annotator, shown.queue.pending[0].op.op], ["Bob", "undo"])
  })
  it("keep what was decided on the face after that", () => {
    const shown = page()
    shown.model.apply("accept", 2)
    shown.model.moveTo(0, false)
    shown.model.apply("unsure")
    const [first] = shown.queue.pending
    acknowledge(shown, { faces: [told("f1", "accept", 2, "Ada", first.op.uuid)] })
    assert.equal(shown.model.state(0).verdict, "unsure")
  })
})

it("a key while the next page is on its way decides nothing, and says so", () => {
  const { model, queue, said } = page()
  model.pageTurning = true
  model.apply("unsure")
  assert.deepEqual([queue.pending, said], [[], [["not done: the next page is on its way", false]]])
})

describe("what others decide", () => {
  it("knows whether what came makes the page's counts old: not one's own, heard once more", () => {
    const { model } = page()
    const heard = (...face) => model.results.applyOthers([told(...face)])
    assert.equal(heard("f2", "accept", 1, "Bob", "bobs"), true)
    assert.equal(heard("f2", "accept", 1, "Bob", "bobs"), false)
    assert.equal(heard("elsewhere", "unsure", null, "Bob", "x"), true)
    assert.equal(heard("elsewhere", "unsure", null, "Ada", "mine"), false)
  })
  it("is shown with their name", () => {
    const { model } = page()
    model.results.applyOthers([told("f2", "accept", 1, "Bob", "bobs"), told("elsewhere", "unsure", null, "Bob", "x")])
    assert.deepEqual([model.state(1).annotator, model.overtaken.get("f2").by], ["Bob", "Bob"])
  })
  it("does not touch a face with a decision of one's own under way", () => {
    const { model } = page()
    model.apply("unsure")
    model.results.applyOthers([told("f1", "accept", 1, "Bob", "bobs")])
    assert.deepEqual([model.state(0).verdict, model.overtaken.size], ["unsure", 0])
  })
  it("counts as seen 300 ms after it appeared", () => {
    const { model, queue, now } = page()
    now.ms = 1000
    model.results.applyOthers([told("f1", "accept", 1, "Bob", "bobs")])
    now.ms = 1299
    assert.equal(model.seen("f1"), "")
    now.ms = 1300
    model.apply("unsure")
    assert.equal(queue.pending[0].op.seen, "bobs")
  })
  it("this person in another tab is nobody else", () => {
    const { model } = page()
    model.results.applyOthers([told("f1", "accept", 1, "Ada", "mine")])
    assert.deepEqual([model.state(0).decision, model.overtaken.size], ["mine", 0])
  })
})
