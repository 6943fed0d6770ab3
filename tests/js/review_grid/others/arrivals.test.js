import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { load } from "../../load.js"

describe("Arrivals", () => {
  let now, data, model, asked, said, arrivals

  beforeEach(() => {
    now = 0
    data = { items: Array.from({ length: 7 }), size: 48, has_next: false, batch: null }
    model = { data, pageTurning: false }
    asked = []
    said = []
    const { Arrivals } = load(["review_grid/announce.js", "review_grid/others/arrivals.js"], ["Arrivals"], { performance: { now: () => now } })
    arrivals = new Arrivals(model, (...what) => asked.push(what), (text) => said.push(text))
  })

  it("asks the server at once, and then not more often than it may cost", () => {
    assert.equal(arrivals.ask(8), true)
    now = 4000
    assert.equal(arrivals.ask(9), false)
    now = 8000
    assert.equal(arrivals.ask(12), true)
    assert.deepEqual(asked, [["tick", "faces 8"], ["tick", "faces 12"]])
  })
  it("asks for nothing while another page is on its way, or one's own batch is shown", () => {
    model.pageTurning = true
    assert.equal(arrivals.ask(8), false)
    model.pageTurning = false
    data.batch = "b"
    assert.equal(arrivals.ask(8), false)
    assert.deepEqual(asked, [])
  })
  it("offers them where the page has room, and says so once", () => {
    assert.deepEqual([arrivals.hasNext(), arrivals.heard(0)], [false, false])
    assert.equal(arrivals.heard(1), true)
    assert.deepEqual([arrivals.offered(), arrivals.text(), arrivals.hasNext()], [1, "1 more has come", true])
    assert.equal(arrivals.heard(1), false)
    assert.equal(arrivals.heard(1018), true)
    assert.equal(arrivals.text(), "1,018 more have come")
    assert.deepEqual(said, ["1 more has come"])
  })
  it("offers none where the page is full or another follows: they come with the next one", () => {
    data.size = 7
    arrivals.heard(18)
    assert.deepEqual([arrivals.offered(), arrivals.hasNext()], [0, true])
    Object.assign(data, { size: 48, has_next: true })
    assert.deepEqual([arrivals.offered(), arrivals.hasNext(), said], [0, true, []])
  })
  it("begins anew with another page", () => {
    arrivals.heard(18)
    arrivals.begin()
    assert.deepEqual([arrivals.offered(), arrivals.hasNext()], [0, false])
  })
})
