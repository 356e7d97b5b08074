// One key per decision, and times that count down. Every page works without this file.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

// A form is sent once: a second click while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// On a narrow screen the page one is on stands in sight of the navigation.
const here = document.querySelector(".nav [aria-current]");
if (here) here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.clientWidth / 2;

function words(seconds) {
  const left = Math.abs(seconds), days = Math.floor(left / 86400), hours = Math.floor(left / 3600) % 24;
  const minutes = Math.floor(left / 60) % 60;
  if (days) return `${days} 天 ${hours} 小时`;
  if (hours) return `${hours} 小时 ${minutes} 分`;
  return left >= 60 ? `${minutes} 分` : `${Math.floor(left)} 秒`;
}

function tick() {
  for (const clock of document.querySelectorAll("[data-due]")) {
    const left = (Date.parse(clock.dataset.due) - Date.now()) / 1000;
    clock.textContent = (left < 0 ? "已超 " : "剩 ") + words(left);
    clock.classList.toggle("late", left < 0);
  }
}
if (document.querySelector("[data-due]")) setInterval(tick, 1000);
