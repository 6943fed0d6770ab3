// The link that is dragged to the bookmarks bar. A click would run it here, where there are no results: it says so.
export default function ({ parentElement, data }) {
  useWords(data.words)
  const link = parentElement.querySelector(".bookmarklet"), hint = parentElement.querySelector(".hint")
  const texts = {
    count: t("Moue: {n} images"), hint: t("Open results, scroll on; then copy, and paste into Collect."),
    copy: t("Copy"), close: t("Close"), copied: t("{n} images copied: paste them into Collect."),
    byHand: t("Copy this by hand (Ctrl C)."),
  }
  const script = `(()=>{${data.source};window.moueStart(${JSON.stringify(texts)})})()`
  link.href = `javascript:${encodeURIComponent(script)}`
  link.textContent = t("Collect images for Moue")
  hint.textContent = t("Drag this to the bookmarks bar; click it there on a page of image results.")
  link.onclick = (event) => {
    event.preventDefault()
    hint.textContent = t("It works from the bookmarks bar: drag it there first.")
  }
}
