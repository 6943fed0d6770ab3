import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load, settled, storage } from "../load.js"

const FILES = ["ids", "journal", "decision_queue"].map((name) => `_shared/${name}.js`)

function queueWith(sessionStorage, console = globalThis.console) {
  const { groupQueueFor } = load([...FILES, "duplicate_groups/group_queue.js"], ["groupQueueFor"], {
    sessionStorage, console, localStorage: storage(), navigator: {},
    addEventListener() {}, document: { addEventListener() {} },
  })
  return groupQueueFor
}
const WHO = { workspace: "w", annotator: "Ada L", base: "/app/" }

describe("GroupQueue", () => {
  it("is one for a person and workspace, and posts to the groups' route", async () => {
    const groupQueueFor = queueWith(storage())
    const queue = groupQueueFor(WHO)
    await settled()
    assert.equal(groupQueueFor({ ...WHO }), queue)
    assert.notEqual(groupQueueFor({ ...WHO, annotator: "Bob" }), queue)
    assert.deepEqual([queue.url, queue.prefix], ["/app/api/duplicates", "moue:groups:w:Ada%20L:"])
  })
  it("remembers this tab's last two hundred steps over a reload", () => {
    const session = storage()
    const queue = queueWith(session)(WHO)
    queue.steps = Array.from({ length: 201 }, (_, n) => ({ n }))
    queue.remember()
    const { steps } = queueWith(session)(WHO)
    assert.deepEqual([steps.length, steps[0], steps[199]], [200, { n: 1 }, { n: 200 }])
  })
  it("begins without steps where they cannot be read", () => {
    const warnings = []
    const session = storage({ "moue:groups:w:Ada%20L:steps": "{" })
    assert.deepEqual(queueWith(session, { warn: (...told) => warnings.push(told) })(WHO).steps, [])
    assert.equal(warnings.length, 1)
  })
})
