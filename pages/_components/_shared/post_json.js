// Small JSON requests, and what is told where the server is not there. Uses words.js alone.

const POST_MS = 20000

/** `fetch`; where there is no answer it throws an Error with our words: each browser has its own, in English. */
async function reach(url, request = { credentials: "same-origin" }) {
  return fetch(url, request).catch((error) => {
    throw new Error(t("the server cannot be reached: try again"), { cause: error })
  })
}

/** The server's answer; throws an Error with the server's own words, or that it cannot be reached. */
async function askJson(url, request) {
  const response = await reach(url, request)
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) {
    const error = new Error(answer.error ?? t("the server answers {status}", { status: response.status }))
    throw Object.assign(error, { answer }) // what else the refusal says
  }
  return answer
}

/** The same for something that changes: `body` goes there as JSON. */
async function postJson(url, body) {
  return askJson(url, {
    method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    signal: AbortSignal.timeout(POST_MS),
  })
}
