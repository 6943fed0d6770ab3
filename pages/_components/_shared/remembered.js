// What this browser keeps for its person: small settings of the view. Works without storage, too.

function remembered(key) {
  try {
    return localStorage.getItem(key)
  } catch (error) {
    console.debug("Moue: no local storage", error)
    return null
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value)
  } catch (error) {
    console.debug("Moue: no local storage", error)
  }
}
