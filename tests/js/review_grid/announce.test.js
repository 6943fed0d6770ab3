import assert from "node:assert/strict"
import { beforeEach, describe, it } from "node:test"
import { Clock, load } from "../load.js"

const clock = new Clock()
const now = { ms: 0 }
const { Announcer, Notice, count, reasonName, useLocale } = load(["review_grid/announce.js", "review_grid/cards.js"],
  ["Announcer", "Notice", "count", "reasonName", "useLocale"],
  { setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout, performance: { now: () => now.ms } })

it("numbers are the reader's", () => {
  assert.equal(count(1234.4), "1,234")
  useLocale("de")
  assert.equal(count(1234.4), "1.234")
  useLocale("en")
})

it("a reason by its name, one that nobody knows as it is written", () => {
  assert.deepEqual([reasonName("too_small"), reasonName("out_of_focus")], ["too small", "out of focus"])
})

describe("what a screen reader hears", () => {
  let live, queue, announcer
  beforeEach(() => {
    clock.timers.clear()
    live = {}
    queue = { saved: 0, pending: [], listeners: new Set() }
    announcer = new Announcer(live, queue)
  })

  it("“saved”, once after a burst", () => {
    queue.pending = [1]
    announcer.onQueue()
    assert.equal(clock.timers.size, 0)
    Object.assign(queue, { pending: [], saved: 1 })
    announcer.onQueue()
    queue.saved = 2
    announcer.onQueue()
    assert.deepEqual(clock.waits, [1200])
    clock.run()
    assert.equal(live.textContent, "saved")
    announcer.onQueue()
    assert.equal(clock.timers.size, 0)
  })

  it("bad news stay two seconds in the line, though the next words are heard at once", () => {
    const line = { classList: { toggle: (_, on) => { line.bad = on } } }
    const notice = new Notice(line, announcer)
    notice.announce("not taken: why", true)
    now.ms += 500
    notice.announce("smile")
    assert.deepEqual([line.textContent, live.textContent, clock.waits], ["not taken: why", "smile", [1500]])
    clock.run()
    assert.deepEqual([line.textContent, line.bad], ["smile", false])
  })
})
