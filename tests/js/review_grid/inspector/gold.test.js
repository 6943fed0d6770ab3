import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load, settled } from "../../load.js"

const FILES = ["_shared/dom.js", "_shared/post_json.js", "review_grid/announce.js", "review_grid/inspector/gold.js"]

describe("Gold", () => {
  let gold, app, sent, said, face, state, bar
  const part = () => {
    const attributes = {}
    const setAttribute = (name, value) => (attributes[name] = value)
    return { attributes, setAttribute, getAttribute: (name) => attributes[name] }
  }

  beforeEach(() => {
    sent = []
    said = []
    face = { id: "f1", gold: false }
    state = { verdict: "accept", class_id: 3, reason: null }
    const parts = { button: part(), ".words": part() }
    bar = { hidden: true, querySelector: (name) => parts[name] }
    app = {
      announce: (...words) => said.push(words),
      inspector: { faces: { get: async () => face } },
      model: { data: { may_gold: true }, items: [{ id: "f1" }], focus: 0, state: () => state, describe: () => "smile" },
    }
    const fetch = async (url, { body }) => {
      sent.push([url, JSON.parse(body)])
      return { ok: true, json: async () => ({ gold: sent.at(-1)[1].verdict !== "none" }) }
    }
    gold = new (load(FILES, ["Gold"], { fetch }).Gold)(app, bar, "/")
  })

  it("sends what the card shows, and shows that the answer is known", async () => {
    gold.show(face)
    assert.equal(bar.hidden, false)
    assert.equal(gold.toggle(), true)
    await settled()
    assert.deepEqual(sent, [["/api/gold", { face_id: "f1", verdict: "accept", class_id: 3, reason: null }]])
    assert.equal(gold.button.attributes["aria-pressed"], "true")
    assert.equal(gold.words.textContent, "its answer is known")
    assert.deepEqual(said, [["gold: smile"]])
  })
  it("takes it back by the same key", async () => {
    face.gold = true
    gold.toggle()
    await settled()
    assert.deepEqual(sent, [["/api/gold", { face_id: "f1", verdict: "none" }]])
    assert.equal(face.gold, false)
  })
  it("asks for an answer first", async () => {
    state = {}
    gold.toggle()
    await settled()
    assert.deepEqual(sent, [])
    assert.match(said[0][0], /decide on the face first/)
  })
  it("is nothing to whoever may not", async () => {
    app.model.data.may_gold = false
    gold.show(face)
    assert.equal(gold.toggle(), false)
    await settled()
    assert.deepEqual([bar.hidden, sent], [true, []])
  })
})
