// One row a group, its photos side by side. Built once; a decision changes words and marks, never the geometry.
// Draws what the model says (model.js) and decides nothing. Uses dom.js and text.js.

const UNSCROLLED = 4 // mouths of a photo that a card has room for, however narrow it is

class Rows {
  constructor(body, model, base) {
    this.body = body
    this.model = model
    this.url = pictures(base)
  }

  build() {
    this.nodes = this.model.groups.map((group, at) => this.row(group, at))
    this.body.replaceChildren(...this.nodes.map(({ node }) => node))
  }

  row(group, at) {
    const node = make("section", "group")
    node.setAttribute("role", "listitem")
    node.dataset.at = at
    const head = make("div", "head")
    const title = make("h3", "", group.title)
    const state = make("span", "state")
    const none = button("none", t("None are the same"), t("none of these photos are the same (Shift + n)"), "⇧ n")
    head.append(title, state, this.labels(at), make("span", "space"), none)
    const cards = group.members.map((member, number) => this.card(member, number))
    const shelf = make("div", "shelf")
    shelf.append(...cards.map((card) => card.node))
    node.append(head, shelf)
    return { node, state, none, cards }
  }

  /** Where copies carry different labels: for each face concerned one button a label; of several also which it is. */
  labels(at) {
    const { model } = this
    const { conflicts, members } = model.groups[at]
    const box = make("span", "labels")
    conflicts.forEach((faces, number) => {
      const one = make("span", "conflict")
      box.append(one)
      if (conflicts.length > 1) {
        const mouth = make("img")
        mouth.alt = t("face {n} of {all}", { n: number + 1, all: conflicts.length })
        mouth.src = this.url.crop(members.flatMap((member) => member.faces).find(({ id }) => id === faces[0]), 128)
        one.setAttribute("role", "group")
        one.setAttribute("aria-label", mouth.alt)
        one.append(mouth)
      }
      for (const id of model.labelsOf(faces)) {
        const spec = model.classes.get(id)
        if (spec.archived) continue
        const all = button("label", t("all {name}", spec), t("label this face with “{name}” in all of these photos", spec))
        all.dataset.class = id
        all.dataset.conflict = number
        all.prepend(this.badge(spec, spec.letter))
        one.append(all)
      }
    })
    return box
  }

  badge(spec, letter) {
    const node = make("span", "badge", letter)
    if (spec) {
      node.style.setProperty("--class", spec.colour)
      node.style.setProperty("--ink", spec.ink)
    }
    return node
  }

  card(member, number) {
    const node = make("div", "card")
    node.setAttribute("role", "group")
    node.dataset.member = number
    const picture = make("div", "picture")
    const thumb = make("img")
    thumb.alt = ""
    thumb.loading = "lazy"
    thumb.draggable = false
    thumb.onerror = () => picture.classList.add("lost")
    thumb.src = this.url.thumb(member)
    const tag = make("span", "tag")
    picture.append(thumb, make("span", "hatch"), make("span", "number", number + 1), tag)
    const faces = member.faces.map((face) => this.face(face))
    const shown = make("div", "faces")
    shown.append(...faces.map((face) => face.node))
    if (faces.length > UNSCROLLED) { // else whoever has no mouse sees the first of them alone
      shown.classList.add("scrolls")
      shown.tabIndex = 0
      shown.setAttribute("role", "group")
      shown.setAttribute("aria-label", t("the mouths of photo {n}", { n: number + 1 }))
    }
    if (!faces.length) shown.append(make("span", "quiet", t("no face")))
    const name = make("p", "name", member.name)
    name.title = member.folder + member.name
    const facts = [sizeOf(member), member.format, member.source, member.files].filter(Boolean).join(" · ")
    const relation = make("p", "relation")
    const keep = button("keep", t("Keep"), t("keep this photo, reject the faces of the others as duplicate (k)"), "k")
    const apart = button("apart", t("Not the same"), t("this photo is not the same as the others (n)"), "n")
    const actions = make("div", "actions")
    actions.append(keep, apart)
    node.append(picture, shown, name, make("p", "facts", facts), relation, actions)
    return { node, tag, faces, relation, keep, apart }
  }

  face(face) {
    const node = make("span", "face")
    const crop = make("img")
    crop.loading = "lazy"
    crop.draggable = false
    crop.src = this.url.crop(face, 128)
    const badge = make("span", "badge")
    node.append(crop, badge)
    return { node, crop, badge }
  }

  // ---- painting
  paint(groups) {
    for (const at of groups ?? this.nodes.keys()) this.paintRow(this.nodes[at], at)
  }

  paintRow(row, at) {
    const { model } = this
    const open = model.open(at)
    const mine = at === model.group
    row.node.dataset.state = open ? "open" : "resolved"
    row.node.classList.toggle("focused", mine)
    row.state.textContent = this.stateOf(at, open)
    row.state.dataset.differ = open && model.conflicts(at).length > 0
    row.none.tabIndex = mine ? 0 : -1
    row.none.disabled = model.together(at).length < 2
    row.node.setAttribute("aria-label", t("Group {n} of {all}: {title}, {state}", {
      n: at + 1, all: model.groups.length, title: model.groups[at].title, state: row.state.textContent,
    }))
    row.cards.forEach((card, number) => this.paintCard(card, at, number, open))
  }

  stateOf(at, open) {
    const { model } = this
    const labels = [...new Set(model.conflicts(at).flat())].map((id) => inQuotes(model.classes.get(id).name))
    const gone = model.groups[at].members.filter((member) => model.away(at, member)).length
    const apart = gone ? t("{n} not the same", { n: gone }) : ""
    if (open) return [labels.length ? t("labels differ: {labels}", { labels: listed(labels) }) : t("open"), apart].filter(Boolean).join(t(", "))
    const together = model.together(at)
    const standing = together.filter((member) => model.stands(member))
    const rejected = together.filter((member) => member.faces.length && !model.stands(member)).length
    const parts = []
    if (standing.length && rejected) {
      const photo = model.groups[at].members.indexOf(standing[0]) + 1
      parts.push(t("kept photo {n}, rejected {others}", { n: photo, others: counted(rejected, t("1 other"), t("{n} others")) }))
    } else if (rejected) parts.push(t("all rejected"))
    else if (together.length > 1 && !standing.length) parts.push(t("no face in any of them"))
    if (apart) parts.push(apart)
    return parts.length ? t("resolved: {how}", { how: parts.join(t(", ")) }) : t("resolved")
  }

  paintCard(card, at, number, open) {
    const { model } = this
    const group = model.groups[at]
    const member = group.members[number]
    const status = model.memberStatus(at, number)
    const tag = tagOf(status, member, open)
    card.tag.textContent = tag
    card.node.dataset.state = stateOfCard(status, open || model.together(at).length > 1)
    this.paintFocus(card, at === model.group && number === model.member)
    const reason = status.suggested ? group.reason : member.relation
    card.relation.textContent = sentence(reason)
    card.relation.title = status.suggested || !member.relation ? "" : bitsOf(member)
    this.paintButtons(card, at, member, status)
    const faces = card.faces.map((face, n) => this.paintFace(face, member.faces[n], n))
    const parts = [t("Photo {n} of {all}", { n: number + 1, all: group.members.length }), tag, member.name, t("{size} pixels", { size: sizeOf(member) }), ...faces, card.relation.textContent]
    card.node.setAttribute("aria-label", parts.filter(Boolean).join(", "))
  }

  paintFocus(card, focused) {
    card.node.classList.toggle("focused", focused)
    if (focused) card.node.setAttribute("aria-current", "true")
    else card.node.removeAttribute("aria-current")
    card.node.tabIndex = card.keep.tabIndex = card.apart.tabIndex = focused ? 0 : -1
  }

  paintButtons(card, at, member, { away, stands }) {
    const together = this.model.together(at)
    card.keep.disabled = away || !stands || !together.some((one) => one !== member && this.model.stands(one))
    card.apart.disabled = !away && together.length < 2
    card.apart.querySelector("span").textContent = away ? t("Same after all") : t("Not the same")
  }

  paintFace(nodes, face, number) {
    const state = this.model.state(face)
    const [letter, word, spec] = badgeOf(state, this.model.classes)
    nodes.badge.textContent = letter
    nodes.badge.hidden = !letter
    nodes.badge.style.setProperty("--class", spec ? spec.colour : "var(--st-text-color)")
    nodes.badge.style.setProperty("--ink", spec ? spec.ink : "var(--st-background-color)")
    nodes.node.dataset.verdict = state.verdict ?? ""
    const text = t("face {n} {state}", { n: number + 1, state: word })
    const side = face.side ? t(", crop {n} px", { n: numbers.format(face.side) }) : ""
    nodes.crop.alt = text
    nodes.node.title = text + side
    return text
  }

  cardOf(group, member) {
    return this.nodes[group]?.cards[member]?.node
  }
}

/** The word on a card's picture. */
function tagOf({ away, stands, chosen, suggested }, member, open) {
  if (away) return t("not the same")
  if (!member.faces.length) return t("no face")
  if (!stands) return t("rejected")
  if (!open) return t("kept")
  if (!chosen) return ""
  return suggested ? t("keeper") : t("your keeper")
}

/** The card's look, for the style sheet. keeps: there is something to be the keeper of. */
function stateOfCard({ away, stands, chosen }, keeps) {
  if (away) return "apart"
  if (!stands) return "rejected"
  return chosen && keeps ? "keeper" : ""
}

const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) : "")
const bitsOf = ({ bits }) => t("of 256 bits differ: {a} (pHash), {b} (dHash), from the keeper", { a: bits[0], b: bits[1] })
