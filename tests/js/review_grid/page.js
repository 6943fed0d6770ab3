// A page of faces over a queue that sends nothing, for the tests of model.js and results.js.
import { load, storage as memory } from "../load.js"

const FILES = ["_shared/ids.js", "_shared/role_lock.js", "review_grid/announce.js", "review_grid/selection.js", "review_grid/results.js", "_shared/remembered.js", "review_grid/whereabouts/on_screen.js", "review_grid/suggestions/confirming.js", "review_grid/model.js", "review_grid/others/differing.js"]
const CLASSES = [
  { id: 1, name: "neutral", key: "1", letter: "N" }, { id: 2, name: "smile", key: "2", letter: "S" },
  { id: 3, name: "old", key: "3", letter: "O", archived: true },
]

export const UNDECIDED = { verdict: null, class_id: null, reason: null, annotator: null, decision: null }

/**
 * {model, queue, now, said, storage}: now.ms is the time; said is what the page announced, [text, isError]. differing:
 * the model has the list of differing answers; storage: of an earlier page in the same tab; kept: in the browser.
 */
export function page({ ids = ["f1", "f2", "f3"], faces = {}, differing = false, storage = new Map(), kept = {}, ...data } = {}) {
  const now = { ms: 0 }
  const numbers = { next: 1 }
  const crypto = { randomUUID: () => `id${numbers.next++}` }
  const sessionStorage = { getItem: (name) => storage.get(name), setItem: (name, text) => storage.set(name, text) }
  const globals = { performance: { now: () => now.ms }, crypto, sessionStorage, localStorage: memory(kept) }
  const { PageModel, Differing } = load(FILES, ["PageModel", "Differing"], globals)
  const queue = { pending: [], steps: [], undone: [], listeners: new Set() }
  queue.push = (records) => queue.pending.push(...records)
  const said = []
  const model = new PageModel(queue, () => {}, (text, isError = false) => said.push([text, isError]))
  if (differing) model.differing = new Differing(model, "w:Ada", () => {})
  const items = ids.map((id) => ({ id, sha: `sha-${id}`, ...faces[id] }))
  model.load({ annotator: "Ada", classes: CLASSES, items, ...data })
  return { model, queue, now, said, storage }
}

/** The server acknowledges the oldest `results.length` records. */
export function acknowledge({ model, queue }, ...results) {
  const records = queue.pending.splice(0, results.length)
  const acknowledged = records.map((record, at) => ({ record, result: { uuid: record.op.uuid, faces: [], status: "saved", ...results[at] } }))
  model.results.settle(acknowledged)
  return records
}

/** A face as the server tells it. */
export const told = (id, verdict, classId, annotator, decision) =>
  ({ face_id: id, verdict, class_id: classId, reason: null, annotator, decision })
