// Keeps the distributions on the teacher's page fresh; without JavaScript the page has a link for it.
"use strict";
const place = document.getElementById("live");
async function refresh() {
  try {
    const answer = await fetch("/admin/live");
    if (answer.ok) place.innerHTML = await answer.text();
  } catch {
    // The next try may reach the server.
  }
}
setInterval(refresh, 5000);
