// What waits for the server, as in Review, by POST /api/duplicates; and the steps of this tab, for undo.
// Uses _shared/decision_queue.js.

const MOST_STEPS = 200
const groupQueues = new Map() // one a person and workspace; outlives the component

class GroupQueue extends DecisionQueue {
  constructor(prefix, base) {
    super(prefix, base)
    this.url = `${base}api/duplicates`
    this.steps = [] // own steps of this tab, newest last; they outlive a reload
    this.memory = `${prefix}steps`
    try {
      this.steps = JSON.parse(sessionStorage.getItem(this.memory) ?? "[]")
    } catch (error) {
      console.warn("Moue: earlier steps of this tab could not be read", error)
    }
  }

  remember() {
    this.steps = this.steps.slice(-MOST_STEPS)
    try {
      sessionStorage.setItem(this.memory, JSON.stringify(this.steps))
    } catch (error) {
      console.debug("Moue: no session storage", error)
    }
  }
}

function groupQueueFor({ workspace, annotator, base }) {
  const name = `moue:groups:${workspace}:${encodeURIComponent(annotator)}:`
  if (!groupQueues.has(name)) groupQueues.set(name, new GroupQueue(name, base))
  return groupQueues.get(name)
}

