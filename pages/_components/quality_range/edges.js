// The crops just outside and just inside of each end. Pictures that stay are not drawn anew: nothing blinks.

const SIDE = 144 // pixels asked for: 72 on the screen, sharp on a dense one

class Edges {
  constructor(host) {
    this.host = host
    this.rows = new Map()
  }

  show(edges, base, unit) {
    const kept = new Map()
    for (const edge of edges) {
      const row = this.rows.get(edge.side) ?? this.row(edge.side)
      for (const half of ["out", "in"]) {
        const part = row.querySelector(`.half.${half}`)
        part.querySelector(".what").textContent = edge[`${half}_words`]
        this.fill(part.querySelector(".crops"), edge[half], base, unit)
      }
      kept.set(edge.side, row)
    }
    this.rows = kept
    showNodes(this.host, edges.map((edge) => kept.get(edge.side)))
  }

  row(side) {
    const row = make("div", `edge ${{ low: "", high: "flipped", ends: "ends" }[side]}`)
    row.append(this.half("out"), make("div", "bar"), this.half("in"))
    return row
  }

  half(name) {
    const half = make("div", `half ${name}`)
    half.append(make("p", "what"), make("div", "crops"))
    return half
  }

  fill(host, crops, base, unit) {
    const old = new Map([...host.querySelectorAll(".crop")].map((node) => [node.dataset.key, node]))
    const nodes = crops.map((crop) => old.get(`${crop.id} ${crop.v}`) ?? this.crop(crop, base))
    nodes.forEach((node, at) => { node.querySelector("span").textContent = `${crops[at].value}${unit}` })
    host.replaceChildren(...(nodes.length ? nodes : [make("span", "none", t("no faces"))]))
  }

  crop(crop, base) {
    const node = make("div", "crop")
    node.dataset.key = `${crop.id} ${crop.v}`
    const img = make("img")
    img.src = `${base}api/image/crop/${crop.id}?s=${SIDE}&v=${crop.v}`
    img.alt = t("mouth crop")
    img.decoding = "async"
    node.append(img, make("span"))
    return node
  }
}
