// Random identifiers. No DOM in here.

/** A UUID, version 4. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID() // only in secure contexts
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))]
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const text = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}
