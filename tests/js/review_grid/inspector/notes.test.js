import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load, settled } from "../../load.js"

const SHARED = ["_shared/dom.js", "_shared/post_json.js", "_shared/ids.js"]
const FILES = [...SHARED, "review_grid/announce.js", "review_grid/inspector/notes.js"]
const node = () => ({
  classList: { toggle() {} }, append() {},
  replaceChildren(...lines) {
    this.lines = lines.length
  },
})
const note = (text) => ({ annotator: "Ann", text, at: "2026-01-01T00:00:00Z" })
const told = (...texts) => ({ notes: texts.map(note), open: true, resolved_by: null })

describe("Notes", () => {
  let notes, parts, answer, sent, noted, fails, opened, wide

  beforeEach(() => {
    parts = {}
    sent = []
    noted = []
    fails = false
    opened = []
    wide = true
    const overlay = (name) => ({ open: () => opened.push(name), close: () => opened.push(`not ${name}`) })
    const box = { querySelector: (name) => (parts[name] ??= node()) }
    const app = {
      announce() {}, noted: (...given) => noted.push(given),
      inspector: { hovered: null, load() {} }, model: { items: [{ id: "f1" }], focus: 0 },
      dialogs: { large: overlay("large"), facts: overlay("facts") },
    }
    const fetch = async (url, { body }) => {
      if (fails) throw new TypeError("away")
      sent.push(JSON.parse(body))
      await new Promise((done) => (answer = done))
      return { ok: true, json: async () => told(...sent.map((one) => one.text)) }
    }
    const document = { createElement: node }
    notes = new (load(FILES, ["Notes"], { fetch, document }).Notes)(app, box, "/")
    parts.textarea.focus = () => undefined
    parts.textarea.checkVisibility = () => wide
    notes.write()
  })

  const type = (text) => {
    parts.textarea.value = text
    notes.keep()
  }

  it("are written where they are seen: not below the large face, and on a narrow window in the box of details", () => {
    assert.deepEqual(opened, ["not large"])
    wide = false
    notes.write()
    assert.deepEqual(opened, ["not large", "not large", "facts"])
  })

  it("are shown with what was said, though the face's details come while it is being sent", async () => {
    type("blurred?")
    notes.send()
    await settled()
    const details = { id: "f1", notes: told() }
    notes.show(details)
    assert.deepEqual([parts.textarea.value, parts[".thread"].hidden], ["blurred?", true])
    answer()
    await settled()
    assert.deepEqual([parts.textarea.value, parts[".thread"].hidden, parts[".thread"].lines], ["", false, 1])
    assert.equal(details.notes.notes[0].text, "blurred?")
  })
  it("are not taken back by details that were asked for before", async () => {
    type("blurred?")
    notes.send()
    await settled()
    answer()
    await settled()
    notes.show({ id: "f1", notes: told() })
    assert.equal(parts[".thread"].lines, 1)
    notes.show({ id: "f1", notes: told("blurred?", "no") }) // what somebody else said since
    assert.equal(parts[".thread"].lines, 2)
  })
  it("keep what is written on while they are being sent, as another one", async () => {
    type("blurred?")
    notes.send()
    await settled()
    type("blurred? I think so")
    answer()
    await settled()
    assert.equal(parts.textarea.value, "blurred? I think so")
    notes.send()
    await settled()
    assert.deepEqual(sent.map((one) => one.text), ["blurred?", "blurred? I think so"])
    assert.notEqual(sent[0].id, sent[1].id)
  })
  it("that could not be sent stay, with what is wrong, and go as the same one", async () => {
    fails = true
    type("blurred?")
    notes.send()
    await settled()
    notes.show({ id: "f1", notes: told() })
    assert.equal(parts.textarea.value, "blurred?")
    fails = false
    notes.send()
    await settled()
    answer()
    await settled()
    assert.deepEqual([sent.length, parts[".thread"].lines], [1, 1])
  })
})
