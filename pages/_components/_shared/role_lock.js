// What a person's role does not allow is not done. Their first press is told why; later ones do nothing more.

class RoleLock {
  constructor(announce) {
    this.announce = announce // (text, isError) => void
    this.told = ""
  }

  /** why: the reason, "" where the role allows it. Returns whether it is locked. */
  stops(why) {
    if (!why) return false
    if (this.told !== why) this.announce(why, true)
    this.told = why
    return true
  }
}
