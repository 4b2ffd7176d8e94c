// Keys lead from slide to slide. The page works without this: it can be scrolled.
const slides = [...document.querySelectorAll(".slide")];
const keys = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
  const middle = innerHeight / 2;
  const here = slides.findIndex((slide) => slide.getBoundingClientRect().bottom > middle);
  const next = slides[here + keys[event.key]];
  if (next) next.scrollIntoView();
  event.preventDefault();
});
