// After a rest in deciding Streamlit's part of the page runs again, so that its counts are true.

const REFRESH_AFTER_MS = 2500

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
  }
}
