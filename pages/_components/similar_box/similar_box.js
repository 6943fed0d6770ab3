// One photo, dropped or chosen, to POST /api/similar; what comes back opens in Review.

const ACCEPT = "image/*,.heic,.avif,.tif,.tiff,.jp2"

/** Send it; its answer, {id, nearest, …}. Throws an Error in words for people. */
async function searchBy(file, base) {
  return askJson(`${base}api/similar`, { method: "POST", credentials: "same-origin", body: file })
}

class SimilarBox {
  constructor(root) {
    this.root = root
    this.busy = false
    this.find(".pick-files").accept = ACCEPT
    this.find(".files").onclick = () => this.find(".pick-files").click()
    this.find(".pick-files").onchange = ({ target }) => {
      this.search(target.files)
      target.value = ""
    }
    const drop = this.find(".drop")
    drop.ondragover = (event) => {
      event.preventDefault()
      drop.classList.add("over")
    }
    drop.ondragleave = () => drop.classList.remove("over")
    drop.ondrop = (event) => {
      event.preventDefault()
      drop.classList.remove("over")
      this.search(event.dataTransfer.files)
    }
  }

  find(selector) {
    return this.root.querySelector(selector)
  }

  update({ base, locked }, open) {
    Object.assign(this, { base, locked, open })
    this.find(".files").disabled = Boolean(locked) || this.busy
    if (locked) this.say(locked)
  }

  say(text) {
    this.find(".trouble").textContent = text
  }

  async search([file]) {
    if (!file || this.busy || this.locked) return
    this.busy = this.find(".files").disabled = true
    this.say(t("Looking at {name} …", { name: file.name }))
    try {
      const { id, nearest } = await searchBy(file, this.base)
      this.open({ id, nearest })
      this.say("")
    } catch (error) {
      this.say(error.message)
    }
    this.busy = this.find(".files").disabled = false
  }
}

export default function similarBox({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".box")
  useWords(data.words)
  translate(root)
  root.moueSimilar ??= new SimilarBox(root)
  root.moueSimilar.update(data, (found) => setTriggerValue("open", found))
}
