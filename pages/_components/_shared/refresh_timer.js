// After a rest in deciding Streamlit's part of the page runs again, so that its counts are true; once in a while also
// after what others decide, however much that is.

const REFRESH_AFTER_MS = 2500
const OTHERS_AFTER_MS = 15000

class RefreshTimer {
  /** queue: a DecisionQueue. trigger(name, value): asks Streamlit to run the page. */
  constructor(queue, trigger) {
    this.queue = queue
    this.trigger = trigger
    this.markFresh()
  }

  /** The counts are true, or come with an answer that is on its way. */
  markFresh() {
    this.fresh = this.queue.saved
    clearTimeout(this.others)
    this.others = undefined
  }

  /** Others decided. */
  heard() {
    this.others ??= setTimeout(() => {
      this.others = undefined
      if (this.queue.pending.length) return void this.heard()
      this.markFresh()
      this.trigger("tick", this.fresh)
    }, OTHERS_AFTER_MS)
  }

  /** Begin the rest anew; nothing is asked for while something waits to be saved, or where nothing was saved since. */
  restart() {
    clearTimeout(this.timer)
    if (this.queue.pending.length || this.queue.saved === this.fresh) return
    this.timer = setTimeout(() => {
      this.markFresh()
      this.trigger("tick", this.fresh)
    }, REFRESH_AFTER_MS)
  }

  dispose() {
    clearTimeout(this.timer)
    clearTimeout(this.others)
  }
}
