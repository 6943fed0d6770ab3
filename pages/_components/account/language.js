// Which language the pages are in: a cookie that the next load reads. Joined before the header and the sign-in form.

const YEAR_S = 365 * 24 * 3600

function chooseLanguage(parentElement, data) {
  document.documentElement.lang = data.lang // names the script, too: it decides how Han characters are drawn
  const host = parentElement.querySelector(".language")
  host.setAttribute("aria-label", t("Language"))
  if (host.children.length) return
  host.append(...data.languages.map(([locale, short, name]) => {
    const button = make("button", "", short)
    button.lang = locale
    button.title = name
    button.setAttribute("aria-label", name)
    button.setAttribute("aria-pressed", String(locale === data.language))
    button.onclick = () => {
      const safe = location.protocol === "https:" ? "; Secure" : ""
      document.cookie = `${data.cookie}=${locale}; Path=${data.site}; Max-Age=${YEAR_S}; SameSite=Strict${safe}`
      window.location.reload()
    }
    return button
  }))
}
