// In the head of each page: says so where the server is away, or its workspace, and goes on by itself when it is back.
(() => {
  const WORDS = "{words}" // { locale: { away, back } }
  const EVERY_MS = 3000, AWAY_MS = 1000, PATIENCE_MS = 15000, AGAIN_MS = 60000
  const UNLOADED = /dynamically imported module|importing a module script/i // Chromium and Firefox; Safari
  const chosen = document.querySelector("meta[name=moue-language]").content // to ask for the cookie takes 30 ms here
  const words = WORDS[chosen] ?? WORDS.en
  const banner = document.createElement("div")
  banner.id = "moue-away"
  banner.setAttribute("role", "alert")
  let timer = 0, away = false, log, otherLog = false

  /** What is wrong, in the reader's words; "" where all is well. */
  async function problem() {
    try {
      const request = { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE_MS) }
      const answer = await fetch("./api/alive", request)
      const text = await answer.text() // one that nobody reads is an aborted request to the browser
      if (answer.ok) heard(JSON.parse(text).log)
      if (answer.status < 502) return ""
      return answer.status === 503 ? JSON.parse(text).error : words.away
    } catch (error) {
      console.debug("Moue: no answer", error)
      return words.away
    }
  }

  /** What the page shows is of the log before where a backup was put in place: it loads itself anew. What was decided
   *  and not sent is kept in this browser, and goes to the one that is there. */
  function heard(name) {
    log ??= name
    otherLog = (name ?? log) !== log
  }

  /** Streamlit tries again less and less often, and covers the page meanwhile: we say it, and nothing is covered.
   *  Whether it did. */
  function uncover() {
    const covers = [...document.querySelectorAll("[data-testid=stDialog] [role=dialog]")]
      .filter((dialog) => dialog.querySelector("h2")?.textContent === "Connection error")
    for (const dialog of covers) dialog.querySelector("button[aria-label=Close]")?.click()
    return covers.length > 0
  }

  /** Fields whose script did not come while the server was away: Streamlit shows the browser's words in their place and
   *  never asks again. Hides those words. */
  function unloaded() {
    const fields = [...document.querySelectorAll("[data-testid=stAlertContainer]")].filter((one) => UNLOADED.test(one.textContent))
    for (const one of fields) one.style.visibility = "hidden"
    return fields.length > 0
  }

  const outOfPlace = () => document.querySelector(".moue-out-of-place") // then the page shows nothing but that
  const writing = () => document.activeElement?.matches("input, textarea")

  /** Not over and over where the scripts stay away, and never under somebody who writes. */
  function loadAgain() {
    const KEY = "moue:loaded-again"
    if (writing()) return
    if (Date.now() - Number(sessionStorage.getItem(KEY)) < AGAIN_MS) return
    sessionStorage.setItem(KEY, Date.now())
    location.reload()
  }

  function show(text) {
    if (banner.textContent !== text) banner.textContent = text
    if (text && !banner.isConnected) document.body.append(banner)
    if (!text) banner.remove()
  }

  const connected = () => ["CONNECTED", undefined].includes(
    document.querySelector("[data-test-connection-state]")?.dataset.testConnectionState)

  async function look() {
    clearTimeout(timer)
    const text = await problem()
    const returned = away && !text
    away = Boolean(text)
    uncover()
    if (unloaded() && !text) loadAgain()
    if (otherLog ? !writing() : returned && outOfPlace()) location.reload()
    if (!text && banner.isConnected && !connected()) show(words.back)
    else show(text)
    clearTimeout(timer) // of a look that was begun meanwhile
    timer = setTimeout(look, document.hidden ? 10 * EVERY_MS : banner.isConnected ? AWAY_MS : EVERY_MS)
  }

  addEventListener("online", look)
  addEventListener("offline", look)
  document.addEventListener("visibilitychange", () => document.hidden || look())
  addEventListener("load", () => {
    new MutationObserver(() => uncover() && look()).observe(document.body, { childList: true })
    look()
  })
})()
