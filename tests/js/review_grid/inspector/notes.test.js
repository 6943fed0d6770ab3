import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load, settled } from "../../load.js"

class Node {
  constructor() {
    Object.assign(this, { children: [], value: "", textContent: "", classList: { toggle() {} } })
  }
  append(...nodes) { this.children.push(...nodes) }
  replaceChildren(...nodes) { this.children = nodes }
  focus() { this.onfocus() }
}

const FILES = ["_shared/dom.js", "_shared/ids.js", "_shared/post_json.js", "review_grid/announce.js", "review_grid/inspector/notes.js"]
const thread = (...texts) => ({ notes: texts.map((text) => ({ annotator: "Ann", text, at: "2026-01-31T09:05:07Z" })), open: texts.length > 0 })

describe("Notes", () => {
  let notes, sent, marks, answer, app, parts
  const field = () => parts.textarea
  const type = (text) => {
    field().value = text
    field().oninput()
  }
  const key = (name, more = {}) => field().onkeydown({ key: name, preventDefault() {}, stopPropagation() {}, ...more })

  beforeEach(() => {
    sent = []
    marks = []
    let ids = 0
    const globals = {
      document: { createElement: () => new Node() }, crypto: { randomUUID: () => `id${++ids}` },
      fetch: async (url, { body }) => {
        sent.push([url, JSON.parse(body)])
        return answer()
      },
    }
    const { Notes } = load(FILES, ["Notes"], globals)
    app = { noted: (...told) => marks.push(told), announce() {}, model: { items: [{ id: "f1" }, { id: "f2" }], focus: 0 } }
    app.inspector = { scheduleLoad() {}, load() {} }
    app.grid = { list: { focus: () => (app.left = true) } }
    const names = [".thread", "textarea", ".problem", "[data-note=resolve]", "[data-note=add]"]
    parts = Object.fromEntries(names.map((name) => [name, new Node()]))
    notes = new Notes(app, { querySelector: (name) => parts[name] }, "/")
  })

  it("sends what was written and shows the thread that comes back", async () => {
    answer = () => ({ ok: true, json: async () => thread("a yawn?") })
    notes.show({ id: "f1", notes: thread() })
    type("a yawn?")
    key("Enter")
    await settled()
    assert.deepEqual(sent, [["/api/notes", { face_id: "f1", id: "id1", text: "a yawn?" }]])
    assert.equal(parts[".thread"].children.length, 1)
    assert.equal(field().value, "")
  })
  it("keeps what could not be sent, and sends it again as the same note", async () => {
    answer = () => ({ ok: false, status: 503, json: async () => ({ error: "the disk is full" }) })
    notes.show({ id: "f1", notes: thread() })
    type("a yawn?")
    key("Enter")
    await settled()
    assert.equal(parts[".problem"].textContent, "the disk is full")
    assert.equal(field().value, "a yawn?")
    key("Enter")
    await settled()
    assert.deepEqual(sent.map(([, body]) => body.id), ["id1", "id1"])
  })
  it("what is being written stays with its face", () => {
    notes.show({ id: "f1", notes: thread() })
    type("half a")
    notes.show({ id: "f2", notes: thread() })
    assert.equal(field().value, "")
    notes.show({ id: "f1", notes: thread() })
    assert.equal(field().value, "half a")
  })
  it("an input method's Enter and a new line send nothing; Escape leads back to the grid", () => {
    notes.show({ id: "f1", notes: thread() })
    type("x")
    key("Enter", { isComposing: true })
    key("Enter", { isComposing: false, keyCode: 229 })
    key("Enter", { shiftKey: true })
    assert.deepEqual(sent, [])
    key("Escape")
    assert.equal(app.left, true)
  })
  it("a note begun before its face's details came is about the face in focus, and marks nothing yet", async () => {
    answer = () => ({ ok: true, json: async () => thread("mine") })
    notes.show({ id: "f1", notes: thread("old") })
    app.model.focus = 1
    assert.equal(notes.write(), true)
    type("mine")
    assert.deepEqual(marks, [["f1", true]])
    notes.show({ id: "f2", notes: thread() })
    assert.equal(field().value, "mine")
    key("Enter")
    await settled()
    assert.equal(sent[0][1].face_id, "f2")
  })
  it("the inspector stays at its face while somebody writes", () => {
    notes.show({ id: "f1", notes: thread() })
    notes.write()
    assert.equal(app.inspector.held, true)
    field().onblur()
    assert.equal(app.inspector.held, false)
  })
})
