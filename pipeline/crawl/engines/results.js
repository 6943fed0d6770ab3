// Read a page of image results where it is shown, by structure: the names of classes change every few weeks.
// Joined before what uses it: the watched browser's calls, and the bookmarklet.
const moueResults = (() => {
  /** The host's last two names: pictures from the engine's own hosts are small copies. */
  const site = (url) => {
    try {
      return new URL(url, location.href).hostname.split(".").slice(-2).join(".")
    } catch {
      return ""
    }
  }
  const COPIES = new Set(["gstatic.com", "bing.net", "yandex.net", "bdstatic.com", "googleusercontent.com"])
  const isOriginal = (url) => /^https?:/.test(url) && !COPIES.has(site(url)) && site(url) !== site(location.href)
  const address = (picture) => picture.currentSrc || picture.src
  const isShown = (element) => {
    const box = element.getBoundingClientRect()
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== "hidden"
  }
  const titleOf = (link, picture) =>
    (picture?.alt || link?.getAttribute("aria-label") || link?.textContent || "").trim().slice(0, 300)

  const ofLink = (link) => {
    const query = new URL(link.href, location.href).searchParams
    return { element: link, image: query.get("imgurl") ?? "", page: query.get("imgrefurl") ?? "",
      title: titleOf(link, link.querySelector("img")), width: Number(query.get("w")), height: Number(query.get("h")) }
  }

  const ofAttribute = (element) => {
    try {
      const { murl, purl, t } = JSON.parse(element.getAttribute("m"))
      return { element, image: String(murl ?? ""), page: String(purl ?? ""), title: String(t ?? ""), width: 0, height: 0 }
    } catch {
      return { element, image: "" }
    }
  }

  /** What links (Google) and attributes (Bing) tell of images: {element, image, page, title, width, height}. */
  const told = () => [
    ...[...document.querySelectorAll("a[href*='imgurl=']")].map(ofLink),
    ...[...document.querySelectorAll("a[m]")].map(ofAttribute),
  ].filter((one) => /^https?:/.test(one.image))

  /** The page behind a picture: the link around it, else the nearest one to another site. */
  const pageOf = (picture) => {
    for (let up = picture; up; up = up.parentElement) {
      const links = up.matches("a[href]") ? [up] : [...up.querySelectorAll("a[href]")]
      const out = links.find((link) => /^https?:/.test(link.href) && site(link.href) !== site(location.href))
      if (out) return out
    }
    return null
  }

  /** Pictures from hosts other than the engine's, the largest first: a result that was opened. */
  const originals = () => [...document.querySelectorAll("img")]
    .filter((one) => isOriginal(address(one)) && isShown(one) && one.naturalWidth >= 100)
    .map((one) => ({ one, box: one.getBoundingClientRect() }))
    .sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
    .map(({ one }) => {
      const link = pageOf(one)
      return { element: one, image: address(one), page: link?.href ?? "", title: titleOf(link, one),
        width: one.naturalWidth, height: one.naturalHeight }
    })

  const CLICKABLE = "a, button, [role=button], [role=link], [role=listitem], [jsaction], [tabindex], [onclick]"
  const isTile = (picture) => {
    if (picture.closest("[data-moue-tile]") || !isShown(picture) || isOriginal(address(picture))) return false
    const { width, height } = picture.getBoundingClientRect()
    if (Math.min(width, height) < 70 || Math.max(width, height) > 500) return false
    const target = picture.closest(CLICKABLE)
    return Boolean(target) && !target.closest("header, nav, [role=navigation], [role=banner]")
  }

  /** Number the next small copy that can be clicked, and show it; null where there is none. */
  const nextTile = () => {
    const picture = [...document.querySelectorAll("img")].find(isTile)
    if (!picture) return null
    const target = picture.closest(CLICKABLE), number = document.querySelectorAll("[data-moue-tile]").length
    target.dataset.moueTile = String(number)
    target.scrollIntoView({ block: "center" })
    return number
  }

  /** The addresses of all that is there: what is there before a click was not opened by it. */
  const pictures = () => [...[...document.querySelectorAll("img")].map(address), ...told().map((one) => one.image)]

  const plain = ({ image, page, title, width, height }) => ({ image, page, title, width, height })

  /** What a click on that tile brought; null where nothing is there yet. */
  const opened = (number, before) => {
    const tile = document.querySelector(`[data-moue-tile='${number}']`), known = new Set(before)
    const named = told().find(({ element }) => tile?.contains(element) || element.contains(tile))
    const found = named ?? originals().find((one) => !known.has(one.image))
    return found ? plain(found) : null
  }

  const scrollOn = () => window.scrollTo(0, document.documentElement.scrollHeight)

  /** Whether the page holds a test for robots. */
  const asksForAPerson = () => Boolean(document.querySelector(
    "iframe[src*='recaptcha'], iframe[src*='hcaptcha'], form[action*='captcha'], #captcha-form",
  ))

  /** All that is told or shown large now. */
  const all = () => [...told(), ...originals()].map(plain)

  return { all, nextTile, pictures, opened, scrollOn, asksForAPerson }
})()
