import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { load } from "../load.js"

function timerOf(queue) {
  const asked = []
  const { RefreshTimer } = load(["_shared/refresh_timer.js"], ["RefreshTimer"], {
    setTimeout: (work, ms) => setTimeout(work, ms), clearTimeout: (timer) => clearTimeout(timer),
  })
  return { asked, timer: new RefreshTimer(queue, (...told) => asked.push(told)) }
}

describe("RefreshTimer", () => {
  it("asks once, after a rest, for what was saved since", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] })
    const queue = { pending: [], saved: 3 }
    const { asked, timer } = timerOf(queue)
    queue.saved = 5
    timer.restart()
    t.mock.timers.tick(2000)
    timer.restart() // somebody goes on: the rest begins anew
    t.mock.timers.tick(2000)
    assert.deepEqual(asked, [])
    t.mock.timers.tick(500)
    timer.restart()
    t.mock.timers.tick(10_000)
    assert.deepEqual(asked, [["tick", 5]])
  })
  it("asks for nothing where nothing is new, something waits, or the component is gone", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] })
    const queue = { pending: [], saved: 3 }
    const { asked, timer } = timerOf(queue)
    timer.restart()
    queue.saved = 4
    timer.markFresh()
    timer.restart()
    queue.saved = 5
    queue.pending = ["one"]
    timer.restart()
    queue.pending = []
    timer.restart()
    timer.dispose()
    t.mock.timers.tick(10_000)
    assert.deepEqual(asked, [])
  })
  it("asks once in a while for what others decide, and not where its own asking comes before", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] })
    const queue = { pending: [], saved: 3 }
    const { asked, timer } = timerOf(queue)
    for (let n = 0; n < 14; n++) {
      timer.heard()
      t.mock.timers.tick(1000)
    }
    assert.deepEqual(asked, [])
    t.mock.timers.tick(1000)
    assert.deepEqual(asked, [["tick", 3]])
    timer.heard()
    queue.saved = 4
    timer.restart()
    t.mock.timers.tick(60_000)
    assert.deepEqual(asked, [["tick", 3], ["tick", 4]])
  })
  it("waits for what is not saved yet, and ends with the component", (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] })
    const queue = { pending: ["one"], saved: 3 }
    const { asked, timer } = timerOf(queue)
    timer.heard()
    t.mock.timers.tick(15_000)
    assert.deepEqual(asked, [])
    queue.pending = []
    t.mock.timers.tick(15_000)
    assert.deepEqual(asked, [["tick", 3]])
    timer.heard()
    timer.dispose()
    t.mock.timers.tick(60_000)
    assert.equal(asked.length, 1)
  })
})
