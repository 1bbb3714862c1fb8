// A panel of HTML that the program wrote: what has data-sentence or data-pick can be clicked, or picked with Enter or the space bar.
const CAN_BE_PICKED = "[data-sentence], [data-pick], a[href^='#sentence-']";

function render({ model, el }) {
  const panel = document.createElement("section");
  panel.className = "explorer-panel";
  panel.setAttribute("role", model.get("role"));
  panel.setAttribute("aria-label", model.get("label"));
  panel.dataset.lmSuppressShortcuts = "true"; // or JupyterLab takes Enter and the arrows for its own
  const places = () => [...panel.querySelectorAll("[data-sentence], [data-pick]")].filter((place) => place.localName !== "tr");

  const mark = () => {
    const marked = new Set(model.get("marked"));
    const chosen = model.get("chosen");
    for (const place of panel.querySelectorAll("[data-sentence], [data-pick]")) {
      const key = place.dataset.pick ?? place.dataset.sentence;
      place.classList.toggle("dimmed", model.get("dims") && marked.size > 0 && !marked.has(key));
      place.classList.toggle("explorer-marked", marked.has(key));
      if (key === chosen) place.setAttribute("aria-current", "true");
      else place.removeAttribute("aria-current");
    }
    const first = model.get("dims") && panel.querySelector("[aria-current], .explorer-marked");
    if (first) panel.scrollTop += first.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
  };

  const fill = () => {
    panel.innerHTML = model.get("html");
    panel.scrollTop = 0;
    places().forEach((place, number) => (place.tabIndex = number ? -1 : 0)); // one stop of the Tab key; arrows lead on
    mark();
  };

  const pick = (event) => {
    const place = event.target.closest(CAN_BE_PICKED);
    if (!place) return;
    event.preventDefault();
    const { sentence = place.getAttribute("href")?.slice("#sentence-".length), pick } = place.dataset;
    const article = place.closest("[data-article]")?.dataset.article;
    model.set("clicked", { ...(pick ? { pick } : { sentence }), ...(article && { article }), at: event.timeStamp });
    model.save_changes();
  };

  const press = (event) => {
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    const all = step ? places() : [];
    const here = all.indexOf(event.target.closest("[data-sentence], [data-pick]"));
    if (here >= 0 && all[here + step]) {
      event.preventDefault();
      all[here].tabIndex = -1;
      all[here + step].tabIndex = 0;
      all[here + step].focus();
    } else if ((event.key === "Enter" || event.key === " ") && !event.target.closest("summary, button, a")) {
      pick(event);
    }
  };

  panel.addEventListener("click", pick);
  panel.addEventListener("keydown", press);
  model.on("change:html", fill);
  model.on("change:marked change:chosen", mark);
  el.append(panel);
  fill();
}

export default { render };
