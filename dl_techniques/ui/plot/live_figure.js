// Draws a figure with Plotly.react: the node, zoom and hidden traces stay.

function library(url) {
  if (!window.__dltPlotly) {
    window.__dltPlotly = fetch(url)
      .then((answer) => {
        if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
        return answer.text();
      })
      .then((text) => new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = URL.createObjectURL(
          new Blob([text], { type: "text/javascript" }));
        script.onload = () => resolve(window.Plotly);
        script.onerror = () => reject(new Error("plotly did not load"));
        document.head.appendChild(script);
      }));
    window.__dltPlotly.catch(() => { window.__dltPlotly = null; });
  }
  return window.__dltPlotly;
}

function themed(layout, node) {
  const style = getComputedStyle(node);
  const read = (name, other) => style.getPropertyValue(name).trim() || other;
  const text = read("--st-text-color", "#1a222d");
  const line = read("--st-border-color", "#ccd4dd");
  const page = read("--st-background-color", "#ffffff");
  const result = { ...layout, paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)", autosize: true,
    font: { ...layout.font, color: text, family: read("--st-font", "sans-serif") },
    hoverlabel: { bgcolor: page, bordercolor: line, font: { color: text } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: text, activecolor: text,
      orientation: "v" } };
  for (const name of Object.keys(result)) {
    if (/^[xy]axis\d*$/.test(name)) {
      result[name] = { ...result[name], gridcolor: line, linecolor: line,
        zerolinecolor: line, tickcolor: line };
    }
  }
  return result;
}

function save(name, kind) {
  return (graph) => window.Plotly.downloadImage(graph,
    { format: kind, filename: name, scale: kind === "png" ? 2 : 1 });
}

function config(name) {
  const svg = { name: "svg", title: "Download as SVG",
    icon: window.Plotly.Icons.disk, click: save(name, "svg") };
  return { displaylogo: false, responsive: true,
    toImageButtonOptions: { format: "png", filename: name, scale: 2 },
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    modeBarButtonsToAdd: [svg] };
}

export default function (component) {
  const { data, parentElement } = component;
  const holder = parentElement.querySelector(".dlt-figure");
  const message = parentElement.querySelector(".dlt-figure-message");
  if (!holder || !data) return;
  holder.setAttribute("aria-label", data.alt);
  holder.style.minHeight = `${data.height}px`;
  const draw = () => library(data.url).then((plotly) => {
    const figure = JSON.parse(data.figure);
    message.textContent = "";
    const layout = themed(figure.layout, holder);
    return plotly.react(holder, figure.data, layout, config(data.name));
  }).catch((error) => {
    message.textContent = `This figure could not be drawn: ${error.message}`;
  });
  // Several updates may come while one draws: only the newest is drawn.
  holder.__dltNext = draw;
  if (holder.__dltBusy) return;
  holder.__dltBusy = true;
  const work = async () => {
    while (holder.__dltNext) {
      const next = holder.__dltNext;
      holder.__dltNext = null;
      await next();
    }
    holder.__dltBusy = false;
    holder.dataset.draws = String(Number(holder.dataset.draws || 0) + 1);
  };
  work();
}
