// Runs in the page before its own scripts: notes when a key came, how long its handlers took, in which frame the card
// was changed, and when its decision was acknowledged. All times are milliseconds of performance.now().
(() => {
  const probe = (window.moueProbe = { on: false, keys: [], sent: [], acks: {}, spent: 0 })
  const { addEventListener: listen, removeEventListener: forget, fetch: send } = window
  const timed = new WeakMap()
  const DECIDES = /^[1-9xu]$/

  let host = null
  probe.root = () => {
    if (!host?.isConnected || !host.shadowRoot?.querySelector(".moue")) {
      host = [...document.querySelectorAll("*")].find((one) => one.shadowRoot?.querySelector(".moue")) ?? null
    }
    return host?.shadowRoot ?? document
  }
  const look = (card) => `${card?.dataset.verdict} ${card?.dataset.class}`
  const lookAtAll = () => [...probe.root().querySelectorAll(".card")].map(look).join()
  const afterPaint = (done) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => done(performance.now())
    port2.postMessage(0)
  }

  // Before any handler of the page: window, capture, first registered.
  listen.call(window, "keydown", (event) => {
    if (!probe.on || event.ctrlKey || !(DECIDES.test(event.key) || event.key === "Enter" || event.key === "z")) return
    const card = probe.root().querySelector(".card.focused")
    const see = DECIDES.test(event.key) ? () => look(card) : lookAtAll
    const before = see()
    const key = { key: event.key, at: event.timeStamp, frames: 0, spent: 0, shown: null }
    probe.keys.push(key)
    probe.spent = 0
    const frame = () => {
      if (!key.frames) key.spent = probe.spent
      key.frames++
      if (see() === before && key.frames < 300) return requestAnimationFrame(frame)
      afterPaint((now) => (key.shown = now - key.at))
    }
    requestAnimationFrame(frame)
  }, true)

  window.addEventListener = function (type, handler, options) {
    if (type !== "keydown" || typeof handler !== "function") return listen.call(this ?? window, type, handler, options)
    if (!timed.has(handler)) {
      timed.set(handler, function (event) {
        const start = performance.now()
        try {
          return handler.call(this, event)
        } finally {
          probe.spent += performance.now() - start
        }
      })
    }
    return listen.call(this ?? window, type, timed.get(handler), options)
  }
  window.removeEventListener = function (type, handler, options) {
    return forget.call(this ?? window, type, timed.get(handler) ?? handler, options)
  }

  window.fetch = async (url, init) => {
    if (!probe.on || !String(url?.url ?? url).includes("api/decisions")) return send(url, init)
    const ids = JSON.parse(init.body).ops.map((op) => op.uuid)
    for (const id of ids) if (!probe.sent.includes(id)) probe.sent.push(id)
    const answer = await send(url, init)
    const json = answer.json.bind(answer)
    answer.json = async () => {
      const body = await json()
      const now = performance.now()
      if (answer.ok) for (const { uuid } of body.results) probe.acks[uuid] ??= now
      return body
    }
    return answer
  }

  /** What a person sees of the page: its cards inside the viewport, and whether each picture is there. */
  const complete = (selector, first) => {
    const root = probe.root()
    const box = root.querySelector(".scroller")?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight }
    const cards = [...root.querySelectorAll(selector)]
    if (!cards.length || (first && cards[0].dataset.id === first)) return false
    const seen = cards.filter((card) => {
      const { top, bottom } = card.getBoundingClientRect()
      return bottom > box.top && top < Math.min(box.bottom, innerHeight)
    })
    const there = (card) => [...card.querySelectorAll("img")].some((img) => img.complete && img.naturalWidth)
    return seen.length > 0 && seen.every(there)
  }

  /** performance.now() after the frame in which all visible pictures are there. first: the id of a card that must go. */
  probe.completed = (selector, first = "") => new Promise((resolve) => {
    const frame = () => (complete(selector, first) ? afterPaint(resolve) : requestAnimationFrame(frame))
    requestAnimationFrame(frame)
  })
})()
