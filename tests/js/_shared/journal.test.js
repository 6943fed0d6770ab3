import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { Clock, load, storage } from "../load.js"

const records = (from, to) => Array.from({ length: to - from }, (_, at) => ({ n: from + at }))

describe("Journal", () => {
  let clock, localStorage, journal, journalsOf
  const lengths = ([name, text]) => [name, JSON.parse(text).length]
  const stored = () => Object.fromEntries(Object.entries(localStorage).map(lengths))

  beforeEach(() => {
    clock = new Clock()
    localStorage = storage()
    const { setTimeout, clearTimeout } = clock
    const { Journal, ...loaded } = load(["_shared/journal.js"], ["Journal", "journalsOf"], { localStorage, setTimeout, clearTimeout })
    journalsOf = loaded.journalsOf
    journal = new Journal("q:one")
  })

  it("stores after the task that decided, once", () => {
    journal.add(records(0, 1))
    journal.add(records(1, 2))
    assert.deepEqual(stored(), {})
    assert.equal(clock.timers.size, 1)
    clock.run()
    assert.deepEqual(stored(), { "q:one": 2 })
  })

  it("begins another piece after 32 records, and writes only that one anew", () => {
    journal.add(records(0, 32))
    journal.store()
    journal.add(records(32, 33))
    assert.deepEqual([...journal.stale].map(({ name }) => name), ["q:one|2"])
    journal.store()
    assert.deepEqual(stored(), { "q:one": 32, "q:one|2": 1 })
  })

  it("removes a piece of which all is saved", () => {
    const all = records(0, 33)
    journal.add(all.slice(0, 32))
    journal.add(all.slice(32))
    journal.store()
    journal.drop(new Set(all.slice(0, 32)))
    journal.store()
    assert.deepEqual(stored(), { "q:one|2": 1 })
    journal.drop(new Set(all.slice(32)))
    journal.store()
    assert.deepEqual(stored(), {})
  })

  it("renews: exactly these are unsaved", () => {
    journal.add(records(0, 5))
    journal.store()
    journal.renew(records(7, 9))
    journal.store()
    assert.deepEqual(stored(), { "q:one": 2 })
  })

  it("goes on where the storage is full", (t) => {
    t.mock.method(console, "warn", () => {})
    localStorage.setItem("x", "")
    Object.getPrototypeOf(localStorage).setItem = () => { throw new Error("full") }
    journal.add(records(0, 1))
    journal.store()
    assert.equal(console.warn.mock.callCount(), 1)
  })

  it("finds the queues of other pages, their pieces in order", () => {
    for (const name of ["q:one", "q:two|10", "q:two", "q:two|2", "q:three", "other"]) localStorage.setItem(name, "[]")
    assert.deepEqual(journalsOf("q:", "q:one"), [
      { key: "q:two", names: ["q:two", "q:two|2", "q:two|10"] }, { key: "q:three", names: ["q:three"] },
    ])
  })
})
