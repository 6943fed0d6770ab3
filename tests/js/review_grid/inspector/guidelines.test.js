import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load, settled } from "../../load.js"

const SHARED = ["_shared/dom.js", "_shared/post_json.js", "_shared/ids.js"]
const FILES = [...SHARED, "review_grid/announce.js", "review_grid/cards.js", "review_grid/inspector/guidelines.js"]

/** What a page asks of a node. */
function node() {
  return {
    classList: { toggle() {} }, parentElement: {}, style: { setProperty() {} }, dataset: {}, setAttribute() {},
    replaceChildren(...children) { this.children = children },
  }
}

describe("Guidelines", () => {
  const example = { face_id: "f1", crop_version: "1", counter: false }
  const said = (...examples) => ({ may_write: true, guidelines: [{ class_id: 3, text: "smiles", examples }] })
  let guidelines, parts, buttons, waiting

  beforeEach(async () => {
    parts = {}
    buttons = ["example", "counter", "none"].map((side) => ({ ...node(), dataset: { example: side } }))
    waiting = []
    const box = { querySelector: (name) => (parts[name] ??= node()), querySelectorAll: () => buttons }
    const app = {
      toolbar: { chip: node }, overlays: {},
      model: {
        items: [{ id: "f1" }], focus: 0, active: [{ id: 3, name: "smile" }], state: () => ({ class_id: 3 }),
        classes: new Map([[3, { name: "smile" }]]), brush: null,
      },
    }
    const fetch = (url, options) => new Promise((resolve, reject) => {
      waiting.push({
        method: options?.method ?? "GET", fail: () => reject(new TypeError("away")),
        answer: (body) => resolve({ ok: true, json: async () => body }),
      })
    })
    class Overlay {
      isOpen() { return false }
      open() { return true }
    }
    const { Guidelines } = load(FILES, ["Guidelines"], {
      fetch, Overlay, document: { createElement: node }, window: { devicePixelRatio: 1 },
    })
    guidelines = new Guidelines(app, box, "/")
    guidelines.toggle()
    waiting.pop().answer(said())
    await settled()
  })

  const shown = () => parts[".examples"].children.length

  it("show a choice that is saved, though what was asked before it comes later", async () => {
    guidelines.toggle() // opened again
    guidelines.choose("example")
    await settled()
    const [opened, chosen] = waiting
    assert.deepEqual([opened.method, chosen.method], ["GET", "POST"])
    chosen.answer(said(example))
    await settled()
    assert.equal(shown(), 1)
    opened.answer(said())
    await settled()
    assert.equal(shown(), 1)
  })
  it("say nothing of an older question that failed once a newer one was answered", async () => {
    guidelines.toggle()
    guidelines.choose("example")
    await settled()
    const [opened, chosen] = waiting
    chosen.answer(said(example))
    await settled()
    opened.fail()
    await settled()
    assert.deepEqual([shown(), parts[".problem"].textContent], [1, ""])
  })
  it("show what was asked before a choice that failed", async () => {
    guidelines.toggle()
    guidelines.choose("example")
    await settled()
    const [opened, chosen] = waiting
    chosen.fail()
    await settled()
    assert.notEqual(parts[".problem"].textContent, "")
    opened.answer(said({ ...example, face_id: "f2" }))
    await settled()
    assert.equal(shown(), 1)
  })
  it("send one choice after the other, also behind one that failed", async () => {
    guidelines.choose("example")
    guidelines.choose("none")
    await settled()
    assert.equal(waiting.length, 1)
    waiting[0].fail()
    await settled()
    assert.equal(waiting.length, 2)
    waiting[1].answer(said())
    await settled()
    assert.deepEqual([shown(), parts[".problem"].textContent], [0, ""])
  })
})
