// Asks for the answer as soon as a grade changes, and keeps the case in the address, behind #, which no browser sends.
"use strict";

const form = document.getElementById("grades");
const sliders = [...form.querySelectorAll("input[type=range]")];
const keyField = document.getElementById("key-field");
const NOT_MEASURED = "x";
const PAUSE_MS = 120; // a slider on its way tells every grade it passes
let pause;
let asking = new AbortController();

const boxOf = (slider) => form.querySelector(`input[name=not_measured][value=${slider.name}]`);
const isMissing = (slider) => boxOf(slider)?.checked ?? false;
const gradeOf = (slider) => (isMissing(slider) ? NOT_MEASURED : slider.value);

function showGrades() {
  for (const slider of sliders) {
    slider.disabled = isMissing(slider);
    slider.parentElement.querySelector(".grade").textContent = slider.disabled ? "–" : slider.value;
  }
}

function show(id, nodes) {
  document.getElementById(id).replaceChildren(...nodes);
}

function refuse(reason) {
  const [heading, text] = [document.createElement("p"), document.createElement("p")];
  heading.className = "class none";
  heading.textContent = "No answer";
  text.textContent = reason;
  show("verdict", [heading, text]);
  show("details", []);
}

async function ask() {
  clearTimeout(pause);
  asking.abort();
  asking = new AbortController();
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch("", { method: "POST", body, signal: asking.signal });
    if (response.headers.get("Content-Type").startsWith("text/html")) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      show("verdict", page.getElementById("verdict").childNodes);
      show("details", page.getElementById("details").childNodes);
      keyField.hidden = page.getElementById("key-field").hidden;
      document.getElementById("classify").hidden = keyField.hidden;
    } else {
      refuse((await response.json()).detail);
    }
  } catch (error) {
    if (error.name !== "AbortError") refuse("The service cannot be reached. Move a slider to try again.");
  }
}

function change(event) {
  if (keyField.contains(event.target)) return; // half a key opens nothing
  showGrades();
  history.replaceState(null, "", `#${sliders.map(gradeOf).join("-")}`);
  clearTimeout(pause);
  pause = setTimeout(ask, PAUSE_MS);
}

function open() {
  const grades = location.hash.slice(1).split("-");
  const fits = (slider, index) =>
    /^([1-9]|10)$/.test(grades[index]) || (boxOf(slider) && grades[index] === NOT_MEASURED);
  if (grades.length !== sliders.length || !sliders.every(fits)) {
    if (location.hash) refuse("This link holds no case: it should end with nine grades from 1 to 10, as in #4-1-2-1-2-1-1-1-1.");
    return;
  }
  sliders.forEach((slider, index) => {
    const missing = grades[index] === NOT_MEASURED;
    if (boxOf(slider)) boxOf(slider).checked = missing;
    if (!missing) slider.value = grades[index];
  });
  showGrades();
  ask();
}

form.addEventListener("input", change);
document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter?.name === "case") location.hash = event.submitter.value;
  else ask();
});
addEventListener("hashchange", open);
keyField.addEventListener("change", ask);
document.getElementById("privacy").hidden = false;
showGrades();
open();
