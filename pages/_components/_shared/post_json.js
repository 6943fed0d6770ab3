// A small JSON request that changes something. Uses words.js alone.

const POST_MS = 20000

/** The server's answer; throws an Error with the server's own words, or that it cannot be reached. */
async function postJson(url, body) {
  const request = {
    method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    signal: AbortSignal.timeout(POST_MS),
  }
  const response = await fetch(url, request).catch((error) => {
    throw new Error(t("the server cannot be reached: try again"), { cause: error })
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new Error(answer.error ?? t("the server answers {status}", { status: response.status }))
  return answer
}
