// The copy of what is not saved yet in localStorage. In pieces: a key press writes one short piece anew, not the queue;
// and just after the key, as the browser takes longer to store than to show. Uses nothing of ours.

const PIECE = 32 // records

class Journal {
  constructor(key) {
    this.key = key
    this.pieces = [] // {name, records}, oldest first
    this.made = 0
    this.stale = new Set() // pieces that are not stored as they are now
    this.timer = 0
  }

  add(records) {
    const last = this.pieces.at(-1)
    if (last && last.records.length < PIECE) {
      last.records.push(...records)
      return this.write(last)
    }
    const piece = { name: this.made++ ? `${this.key}|${this.made}` : this.key, records: [...records] }
    this.pieces.push(piece)
    return this.write(piece)
  }

  /** Exactly these are unsaved, in this order. */
  renew(records) {
    this.drop(new Set(this.pieces.flatMap((piece) => piece.records)))
    if (records.length) this.add(records)
  }

  /** These are saved: a reload need not know of them. */
  drop(done) {
    for (const piece of this.pieces) {
      const remaining = piece.records.filter((record) => !done.has(record))
      if (remaining.length === piece.records.length) continue
      piece.records = remaining
      this.write(piece)
    }
    this.pieces = this.pieces.filter((piece) => piece.records.length)
    if (!this.pieces.length) this.made = 0
  }

  write(piece) {
    this.stale.add(piece)
    this.timer ||= setTimeout(() => this.store())
  }

  /** Now: the page may be gone in a moment. */
  store() {
    clearTimeout(this.timer)
    this.timer = 0
    for (const { name, records } of this.stale) {
      try {
        if (records.length) localStorage.setItem(name, JSON.stringify(records))
        else localStorage.removeItem(name)
      } catch (error) {
        console.warn("Moue: this browser keeps no local copy of unsaved decisions", error) // full or forbidden storage
      }
    }
    this.stale.clear()
  }
}

/** The queues below `prefix` that this page did not make: [{key, names}], their pieces in order. */
function journalsOf(prefix, own) {
  const found = new Map()
  for (const name of Object.keys(localStorage)) {
    const [key, number] = name.split("|")
    if (!name.startsWith(prefix) || key === own) continue
    found.set(key, [...(found.get(key) ?? []), [Number(number ?? 0), name]])
  }
  return [...found].map(([key, pieces]) => ({ key, names: pieces.sort(([a], [b]) => a - b).map(([, name]) => name) }))
}
