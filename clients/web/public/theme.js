/* Before the first paint, so that a page that was chosen dark does not flash white. */
try {
  var chosen = localStorage.getItem("pytlas-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch (_) {
  /* Then the system decides. */
}
