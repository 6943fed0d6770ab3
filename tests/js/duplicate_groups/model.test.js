import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../load.js"

const NONE = { verdict: null, class_id: null, reason: null }
const DUPLICATE = { verdict: "reject", class_id: null, reason: "duplicate" }
const label = (id) => ({ verdict: "accept", class_id: id, reason: null })
const photo = (sha, ...faces) => ({ sha, faces: faces.map(([id, state = NONE]) => ({ id, ...state })) })

/** Two groups: three photos, of which the second is the keeper and two are labelled differently; and two photos. */
const DATA = {
  page_key: "p1", classes: [{ id: 1, name: "neutral" }, { id: 2, name: "smile" }],
  groups: [
    { keeper: "b", reason: "largest", conflicts: [["a1", "b1"]], members: [photo("a", ["a1", label(2)]), photo("b", ["b1", label(1)]), photo("c", ["c1"], ["c2"])] },
    { keeper: "d", reason: "sharpest", conflicts: [], members: [photo("d", ["d1"]), photo("e", ["e1"])] },
  ],
}

describe("GroupModel", () => {
  let model, queue, said

  beforeEach(() => {
    const ids = { next: 1 }
    const now = { ms: 0 }
    const { GroupModel } = load(["_shared/ids.js", "_shared/role_lock.js", "duplicate_groups/text.js", "duplicate_groups/results.js", "duplicate_groups/model.js"], ["GroupModel"],
      { crypto: { randomUUID: () => `id${ids.next++}` }, performance: { now: () => now.ms } })
    queue = { pending: [], steps: [], listeners: new Set(), remember() {} }
    queue.push = (records) => queue.pending.push(...records)
    said = []
    model = new GroupModel(queue, () => {}, (text, isError = false) => said.push([text, isError]))
    model.load(structuredClone(DATA))
  })

  const acknowledge = (result) => {
    const [record] = queue.pending.splice(0, 1)
    model.results.settle([{ record, result: { uuid: record.op.uuid, status: "saved", ...result } }])
  }
  const shas = (members) => members.map(({ sha }) => sha)

  it("begins at the keeper of the first open group", () => assert.deepEqual([model.group, model.member], [0, 1]))

  it("does nothing for somebody who only looks, and tells why once", () => {
    model.load({ ...structuredClone(DATA), locked: "Your role here is viewer." })
    assert.deepEqual([model.keep(0, 1), model.separate(0, 0), model.label(0, ["a1"], DATA.classes[0])], [false, false, false])
    model.undo()
    assert.deepEqual([queue.pending, said], [[], [["Your role here is viewer.", true]]])
  })

  it("names the labels that the copies of one face carry, in the classes' order", () => {
    assert.deepEqual(model.conflicts(0), [[1, 2]])
    assert.deepEqual(model.conflicts(1), [])
  })

  it("keeps one photo: the faces of the others are rejected as duplicate", () => {
    assert.equal(model.keep(0, 1), true)
    const [{ op, effects }] = queue.pending
    assert.deepEqual([op.op, op.sha256, op.members], ["keep", "b", ["a", "b", "c"]])
    assert.deepEqual(effects.faces, [["a1", DUPLICATE], ["c1", DUPLICATE], ["c2", DUPLICATE]])
    assert.deepEqual([model.open(0), said], [false, [["kept photo 2, rejected 3 faces of 2 other photos", false]]])
  })

  it("says what it saw, and lets stand what somebody else decided meanwhile", () => {
    model.load({ ...structuredClone(DATA), groups: [{ ...DATA.groups[1], members: [photo("d", ["d1"]), photo("e", ["e1", { ...label(1), decision: "u1" }], ["e2"])] }] })
    model.keep(0, 0)
    assert.deepEqual(queue.pending[0].op.seen, { e1: "u1", e2: "" })
    const bobs = { face_id: "e2", ...label(2), annotator: "Bob", decision: "u2" }
    acknowledge({ faces: [{ face_id: "e1", ...DUPLICATE, decision: "u3" }, bobs], differs: [bobs] })
    assert.deepEqual(said.at(-1), ["decided meanwhile by Bob: “smile”; decide again to overrule it", true])
    assert.deepEqual([model.faces.get("e2"), model.open(0)], [label(2), true])
    assert.deepEqual(queue.steps[0].before, [["e1", { ...label(1) }], ["e2", label(2)]])
    model.keep(0, 0)
    assert.deepEqual(queue.pending[0].op.seen, { e2: "u2" })
    acknowledge({ status: "differs", faces: [bobs], differs: [bobs] })
    assert.equal(queue.steps.length, 2)
    model.undo()
    assert.equal(queue.pending[0].op.step, "id2")
    assert.deepEqual([model.faces.get("e2"), queue.pending[0].effects.faces], [label(2), [["e2", label(2)]]])
  })

  it("keeps nothing twice, and no photo without a face that stands", () => {
    model.keep(0, 1)
    assert.deepEqual([model.keep(0, 1), model.keep(0, 0), queue.pending.length], [false, false, 1])
    assert.deepEqual(said.slice(1).map(([text]) => text), [
      "nothing else is left to reject in this group", "no face of this photo stands: z takes a step back, or keep another one",
    ])
  })

  it("takes one photo out of a group of three, with all its pairs", () => {
    model.separate(0, 2)
    assert.deepEqual(queue.pending[0].op.op, "apart")
    assert.deepEqual([shas(model.together(0)), model.open(0)], [["a", "b"], true])
    assert.deepEqual(queue.steps[0].pairs, [["a", "c"], ["b", "c"]])
  })

  it("of two photos that are not the same, none is with the other", () => {
    model.separate(1, 0)
    assert.deepEqual([model.together(1), model.open(1)], [[], false])
  })

  it("separates all of a group", () => {
    model.separate(0, null)
    assert.equal(queue.pending[0].op.sha256, null)
    assert.deepEqual(queue.steps[0].pairs, [["a", "b"], ["a", "c"], ["b", "c"]])
    assert.deepEqual(model.together(0), [])
  })

  it("puts a photo back that is separated once more", () => {
    model.separate(0, 2)
    model.separate(0, 2)
    assert.deepEqual(queue.pending[1].op.pairs, [["a", "c"], ["b", "c"]])
    assert.deepEqual(shas(model.together(0)), ["a", "b", "c"])
  })

  it("does not keep a photo that was taken out", () => {
    model.separate(0, 2)
    assert.equal(model.keep(0, 2), false)
    assert.deepEqual(said.at(-1), ["this photo was said not to be the same; keep another one", true])
  })

  it("labels faces, and the conflict is over", () => {
    model.label(0, ["a1"], DATA.classes[0])
    assert.deepEqual([model.conflicts(0), queue.pending[0].op.faces], [[], [["a1", "a"]]])
    assert.equal(said.at(-1)[0], "“neutral”: 1 face")
  })

  it("undoes a keep by the log's own undo", () => {
    model.keep(0, 1)
    model.undo()
    assert.equal(queue.pending[1].op.op, "undo")
    assert.deepEqual([model.state({ id: "a1" }), model.open(0)], [label(2), true])
    assert.equal(said.at(-1)[0], "took back: kept photo 2, rejected 3 faces of 2 other photos")
  })

  it("undoes a separation by its opposite", () => {
    model.separate(1, null)
    model.undo()
    assert.deepEqual([queue.pending[1].op.op, queue.pending[1].op.pairs], ["together", [["d", "e"]]])
    assert.equal(model.open(1), true)
  })

  it("goes on to the next open group, the earlier ones last", () => {
    assert.deepEqual([model.onward(0), model.group], [true, 1])
    assert.deepEqual([model.onward(1), model.group], [true, 0])
  })

  it("says when no open group is left", () => {
    model.keep(0, 1)
    model.keep(1, 0)
    assert.equal(model.onward(1), false)
  })

  it("decides nothing while the page turns", () => {
    model.pageTurning = true
    assert.deepEqual([model.keep(0, 1), model.separate(0, 1), model.label(0, ["a1"], DATA.classes[0]), queue.pending], [false, false, false, []])
  })

  it("tells what a card shows", () => {
    model.choose(0, 0)
    model.separate(0, 2)
    assert.deepEqual(model.memberStatus(0, 0), { away: false, stands: true, chosen: true, suggested: false })
    assert.deepEqual(model.memberStatus(0, 1), { away: false, stands: true, chosen: false, suggested: true })
    assert.deepEqual(model.memberStatus(0, 2), { away: true, stands: true, chosen: false, suggested: false })
  })

  it("takes the server's word", () => {
    model.keep(1, 0)
    acknowledge({ faces: [{ face_id: "e1", ...DUPLICATE }], groups: [{ keeper: "d", reason: "sharpest", members: ["d", "e"] }] })
    assert.deepEqual([model.base.faces.get("e1"), model.open(1)], [DUPLICATE, false])
  })

  it("refused: as before, and nothing to undo", () => {
    model.keep(1, 0)
    acknowledge({ status: "refused", message: "the image is not in the group any more", groups: [{ keeper: "d", members: ["d", "e"] }] })
    assert.deepEqual([model.open(1), queue.steps], [true, []])
    assert.deepEqual(said.at(-1), ["not taken: the image is not in the group any more", true])
  })

  it("refused by the queue itself, which knows of no groups: nobody is taken out of one", () => {
    model.keep(1, 0)
    acknowledge({ status: "refused", message: "not understood", faces: [] })
    assert.deepEqual([shas(model.together(1)), model.open(1)], [["d", "e"], true])
  })

  it("follows the server where that finds another keeper among those that are left", () => {
    model.separate(0, 1)
    acknowledge({ groups: [{ keeper: "c", reason: "sharper", members: ["a", "c"] }, { keeper: "b", reason: "", members: ["b"] }] })
    assert.deepEqual([model.groups[0].keeper, model.groups[0].reason, model.groups[0].chosen], ["c", "sharper", 2])
    assert.deepEqual(shas(model.together(0)), ["a", "c"])
  })

  it("names an undo that took back more than was foreseen", () => {
    model.undo()
    acknowledge({ faces: [{ face_id: "d1", ...NONE }] })
    assert.deepEqual([said.at(-1)[0], model.group], ["took back: your last step, 1 face", 1])
  })

  it("a page that was turned keeps what is unsent, of faces that are on it", () => {
    model.keep(0, 1)
    model.load({ ...structuredClone(DATA), page_key: "p2" })
    assert.deepEqual(model.state({ id: "a1" }), DUPLICATE)
  })
})
