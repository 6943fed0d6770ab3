// The choice alone, where somebody else signs people in.
export default function ({ parentElement, data }) {
  useWords(data.words)
  chooseLanguage(parentElement, data)
}
