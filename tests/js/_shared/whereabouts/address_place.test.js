import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { Clock, load, storage } from "../../load.js"

const KEY = "moue:clean:w:Ann"

describe("AddressPlace", () => {
  let clock, window, localStorage, now, told, place

  /** A browser's window at `path`; changes of its history are counted. */
  function windowAt(path) {
    const heard = new Map()
    const url = new URL(path, "http://h:1")
    const location = {
      get href() { return url.href },
      get search() { return url.search },
      get pathname() { return url.pathname },
    }
    const history = { state: { of: "streamlit" }, writes: 0, replaceState: (state, _, to) => {
      assert.equal(state, history.state)
      history.writes += 1
      url.href = to.href
    } }
    const addEventListener = (name, call) => heard.set(name, call)
    return { url, heard, location, history, addEventListener, removeEventListener: (name) => heard.delete(name) }
  }

  function build(path, kept = {}) {
    window = windowAt(path)
    localStorage = storage(kept)
    const { location, history, addEventListener, removeEventListener } = window
    const globals = { location, history, addEventListener, removeEventListener, localStorage, ...clock }
    const { AddressPlace } = load(["_shared/remembered.js", "_shared/whereabouts/address_place.js"], ["AddressPlace"], globals)
    place = new AddressPlace(() => KEY, () => now, (search) => told.push(search))
  }

  beforeEach(() => {
    clock = new Clock()
    now = { from: "1.2", at: "7", open: "" }
    told = []
    build("/clean?outcome=added")
  })

  it("has the address written before anything else happens, for a reload", () => {
    place.moved()
    assert.equal(window.location.search, "?outcome=added&from=1.2&at=7")
    now = { from: "1.2", at: "8", open: "focus" }
    place.moved()
    assert.equal(window.location.search, "?outcome=added&from=1.2&at=8&open=focus")
    now = { from: "", at: "8", open: "" }
    place.moved()
    assert.equal(window.location.search, "?outcome=added&at=8") // what is not so any more is not said
  })

  it("remembers at rest, once", () => {
    for (const at of ["7", "8", "9"]) {
      now = { from: "1.2", at }
      place.moved()
    }
    assert.equal(localStorage.getItem(KEY), null)
    clock.run()
    assert.equal(localStorage.getItem(KEY), "from=1.2&at=9")
    assert.deepEqual(told, ["?outcome=added&from=1.2&at=9"])
  })

  it("remembers when the page is hidden or the component goes, though that is another page's address by now", () => {
    place.moved()
    window.heard.get("pagehide")()
    assert.equal(localStorage.getItem(KEY), "from=1.2&at=7&open=")
    now = { from: "1.2", at: "8" }
    place.moved()
    window.url.href = "http://h:1/classes"
    now = null // its rows are gone
    place.dispose()
    assert.equal(localStorage.getItem(KEY), "from=1.2&at=8")
    assert.equal(window.location.search, "")
    assert.deepEqual([...window.heard.keys(), ...clock.waits], [])
  })

  it("leaves another page's address, and an address while nothing is shown, alone", () => {
    now = null
    place.moved()
    now = { from: "1.2", at: "7" }
    window.url.href = "http://h:1/classes"
    place.moved()
    clock.run()
    assert.equal(window.history.writes, 0)
    assert.equal(localStorage.getItem(KEY), null)
  })

  it("writes a held key's steps seldom, and its last one surely", () => {
    let beats = 0
    for (let ms = 0; ms < 10_000; ms += 30) { // 33 a second, as a keyboard repeats
      now = { from: "1.2", at: String(ms) }
      place.moved()
      if (ms % 300 === 270) {
        clock.run()
        beats += 1
      }
    }
    assert.equal(beats, 33)
    assert.ok(window.history.writes <= 100, `${window.history.writes} changes of the address in ten seconds`)
    clock.run()
    assert.equal(new URLSearchParams(window.location.search).get("at"), "9990")
    for (let n = 0; n < 40; n += 1) clock.run()
    assert.deepEqual(clock.waits, []) // at rest nothing ticks
    const before = window.history.writes
    for (let at = 0; at < 10; at += 1) {
      now = { from: "1.2", at: String(at) }
      place.moved()
    }
    assert.equal(window.history.writes, before + 10)
  })

  it("finds the place in the address, else in the memory", () => {
    assert.equal(place.last().get("at"), null)
    build("/clean", { [KEY]: "from=3.4&at=12" })
    assert.equal(place.last().get("at"), "12")
    build("/clean?from=5.6&at=20", { [KEY]: "from=3.4&at=12" })
    assert.equal(place.last().get("at"), "20")
    build("/clean?outcome=added", { [KEY]: "from=3.4&at=12" })
    assert.equal(place.last().get("from"), "3.4")
  })
})
