// What is known of a face, beside its photo: the image, what was measured, and its history.

const HISTORY = 30 // decisions

class Facts {
  constructor(box, model) {
    this.box = box
    this.model = model
  }

  problem(message) {
    this.box.replaceChildren(make("p", "problem", t("No details: {why}.", { why: message })))
  }

  show(face) {
    const { image } = face
    const size = `${count(image.width)} × ${count(image.height)}`
    const pixels = t("crop {n} px", { n: count(face.crop[2]) })
    const score = face.score === null ? "" : ` ${face.score.toFixed(2)}`
    const rows = [
      [t("image"), [basename(image.location), size].filter(Boolean).join(" · "), image.location || size],
      [t("source"), image.source],
      [t("face"), `${face.detector}${score} · ${pixels}`],
      [t("found"), face.look],
      [t("landmarks"), face.landmarks],
    ]
    if (face.proposal !== null) rows.push([t("proposed"), inQuotes(this.model.classes.get(face.proposal)?.name ?? "?")])
    const suggestion = this.model.items[this.model.index.get(face.id)]?.suggestion
    if (suggestion) rows.push([t("suggested"), suggestionText(suggestion, this.model.classes)])
    const list = make("dl")
    for (const [name, value, title] of rows.filter((row) => row[1])) {
      const definition = make("dd", "", value)
      definition.title = title ?? value
      list.append(make("dt", "", name), definition)
    }
    for (const one of face.provenance ?? []) this.fromWeb(list, one)
    this.box.replaceChildren(list, this.quality(face), this.history(face))
  }

  /** Where on the web the photo is from: somebody else's words, as text alone. */
  fromWeb(list, entry) {
    const page = entry.page_url || entry.image_url
    const rows = [
      [t("from"), entry.title || page, page],
      [t("author"), entry.author, ""],
      [t("licence"), entry.licence || t("not told"), entry.licence_url],
    ]
    for (const [name, text, url] of rows) {
      if (!text) continue
      const definition = make("dd")
      const link = /^https?:\/\//.test(url) ? make("a", "", text) : make("span", "", text)
      if (url && link.localName === "a") Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" })
      definition.title = url || text
      definition.append(link)
      list.append(make("dt", "", name), definition)
    }
  }

  /** What was measured of the face, in two columns. */
  quality(face) {
    const list = make("dl", "quality")
    for (const { label, value, unit, help } of face.quality ?? []) {
      const name = make("dt", "", label)
      name.title = help
      list.append(name, make("dd", "", unit === "px" ? `${value} px` : `${value}${unit}`))
    }
    return list
  }

  /** Who decided what, when, and from what; the newest first. */
  history({ history }) {
    if (!history.length) return make("p", "quiet", t("not decided yet"))
    const list = make("ol", "history")
    const lines = history.map((entry, at) => this.entry(entry, history.slice(0, at).findLast((one) => !one.undone)))
    list.append(...lines.slice(-HISTORY).reverse())
    return list
  }

  /** What the page that was confirmed suggested. */
  confirmed({ suggester, version, probability }) {
    const values = { suggester, version: count(version), p: count(probability * 100) }
    return t("confirmed by page: {suggester} {version}, {p} %", values)
  }

  entry(entry, before) {
    const line = make("li", entry.undone ? "undone" : "")
    const what = this.model.describe(entry)
    const from = before && this.model.describe(before)
    line.append(make("b", "", from && from !== what ? t("{what}, from {before}", { what, before: from }) : what))
    line.append(make("span", "", ` ${entry.annotator} · ${formatTime(entry.at)}`))
    if (entry.off_screen) line.append(make("span", "", ` · ${t("was not on the screen")}`))
    if (entry.confirmed) line.append(make("span", "", ` · ${this.confirmed(entry.confirmed)}`))
    if (entry.undone) line.append(make("span", "", ` · ${t("taken back")}`))
    return line
  }
}

function basename(location) {
  return location.split(/[\\/!]/).filter(Boolean).at(-1) ?? location
}
