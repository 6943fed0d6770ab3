// The focused group, large: its photos side by side, each with its mouths at one size. In the browser's top layer.

class Lightbox {
  constructor(node, model, base) {
    this.node = node
    this.body = node.querySelector(".figures")
    this.title = node.querySelector(".title span")
    this.model = model
    this.url = pictures(base)
    this.held = false
  }

  get shown() {
    return this.node.matches(":popover-open")
  }

  show(held) {
    if (this.shown) return
    this.held = held
    this.draw()
    this.node.showPopover()
  }

  hide() {
    if (this.shown) this.node.hidePopover()
    this.body.replaceChildren() // large pictures need not stay in memory
    this.drawn = undefined
  }

  draw() {
    const group = this.model.groups[this.model.group]
    if (!group) return
    if (this.drawn !== group) {
      this.drawn = group
      this.body.replaceChildren(...group.members.map((member, number) => this.figure(group, member, number)))
      this.title.textContent = group.title
      this.node.style.setProperty("--across", Math.min(group.members.length, 4))
    }
    ;[...this.body.children].forEach((figure, number) => figure.classList.toggle("focused", number === this.model.member))
    this.body.children[this.model.member]?.scrollIntoView({ block: "nearest" })
  }

  figure(group, member, number) {
    const node = make("figure")
    const picture = make("img", "whole")
    picture.alt = t("photo {n}: {name}", { n: number + 1, name: member.name })
    Object.assign(picture, { width: member.width, height: member.height }) // its place, before it is there
    picture.src = this.url.whole(member)
    const caption = make("figcaption")
    const mouths = make("div", "mouths")
    for (const face of member.faces) {
      const crop = make("img")
      crop.src = this.url.crop(face, 256)
      crop.alt = badgeOf(this.model.state(face), this.model.classes)[1]
      const one = make("span", "mouth")
      one.append(crop, make("span", "quiet", face.side ? `${numbers.format(face.side)} px` : ""))
      mouths.append(one)
    }
    const suggested = member.sha === group.keeper
    caption.append(make("p", "name", `${number + 1}  ${member.name}`), make("p", "", `${sizeOf(member)} · ${member.format}`))
    caption.append(make("p", "", sentence(suggested ? t("keeper: {why}", { why: group.reason }) : member.relation)))
    if (!suggested) caption.append(make("p", "quiet", sentence(bitsOf(member))))
    node.append(picture, mouths, caption)
    return node
  }
}
