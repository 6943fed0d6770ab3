// The choice alone, where somebody else signs people in.
export default function ({ parentElement, data }) {
  useWords(data.words)
  chooseLanguage(parentElement, data)
  // a provider sends everybody back to the first page: sign_in.js goes on to the one that was asked for
  if (data.asked) sessionStorage.setItem("moue-asked", location.href)
}
