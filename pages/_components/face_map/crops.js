// Pictures of faces by their number: ids are asked for in one request for many, pictures are kept while they are few.

const MOST_ASKED = 200
const MOST_PICTURES = 800
const ASK_AFTER_MS = 60

class Crops {
  /** loaded(): some picture is there now. */
  constructor(base, loaded) {
    Object.assign(this, { base, loaded, faces: new Map(), pictures: new Map(), wanted: new Set() })
    this.asking = 0
  }

  dispose() {
    clearTimeout(this.asking)
    this.loaded = () => {}
  }

  /** The picture of a face, null until it is there. */
  picture(seq) {
    const face = this.faces.get(seq)
    if (face === undefined) return this.ask(seq)
    if (face === null) return null // gone
    let picture = this.pictures.get(seq)
    if (!picture) {
      picture = new Image()
      picture.onload = () => this.loaded()
      picture.src = `${this.base}api/image/crop/${face.id}?v=${face.v}&s=96`
      this.pictures.set(seq, picture)
      if (this.pictures.size > MOST_PICTURES) this.pictures.delete(this.pictures.keys().next().value)
    }
    return picture.complete && picture.naturalWidth ? picture : null
  }

  ask(seq) {
    this.wanted.add(seq)
    if (!this.asking) this.asking = setTimeout(() => this.fetch(), ASK_AFTER_MS)
    return null
  }

  async fetch() {
    const seqs = [...this.wanted].slice(0, MOST_ASKED)
    for (const seq of seqs) this.wanted.delete(seq)
    const answer = await fetch(`${this.base}api/map/faces?seqs=${seqs.join(",")}`).catch(() => null)
    const rows = answer?.ok ? await answer.json().catch(() => []) : []
    for (const seq of answer?.ok ? seqs : []) this.faces.set(seq, null)
    for (const [seq, id, v] of rows) this.faces.set(seq, { id, v })
    this.asking = 0
    if (this.wanted.size) this.ask(this.wanted.values().next().value)
    if (rows.length) this.loaded()
  }
}
