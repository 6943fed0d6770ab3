// How far an upload is, in words: bytes, and the time that is left. No DOM in here.

// As the page writes numbers, in English and in Chinese; the browser's own language may be a third one.
const formatCount = new Intl.NumberFormat("en").format;

function formatSize(bytes) {
  if (bytes < 1e6) return `${formatCount(Math.max(1, Math.round(bytes / 1e3)))} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

function formatDuration(seconds) {
  if (seconds < 60) return t("{n} s", { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 3600) return t("{n} min", { n: Math.round(seconds / 60) });
  return t("{hours} h {minutes} min", { hours: Math.floor(seconds / 3600), minutes: Math.round((seconds % 3600) / 60) });
}

/** Seconds left, from the bytes of the last while; null where that is not known. */
function speedometer() {
  const seen = [];
  return (bytes, total) => {
    const now = performance.now();
    seen.push([now, bytes]);
    while (seen.length > 2 && now - seen[0][0] > 20000) seen.shift();
    const [since, before] = seen[0];
    return now - since > 3000 && bytes > before ? ((total - bytes) * (now - since)) / (bytes - before) / 1000 : null;
  };
}
