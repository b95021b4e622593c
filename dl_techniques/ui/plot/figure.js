// Draws a Plotly figure with Plotly.react, so that node, zoom and hidden traces stay.

function plotly(source) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  window.dltPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(source, document.baseURI);
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("plotly.min.js could not be loaded"));
    document.head.append(script);
  });
  return window.dltPlotly;
}

function styled(address) {
  if (document.getElementById("dlt-figure-style")) return;
  const link = document.createElement("link");
  link.id = "dlt-figure-style";
  link.rel = "stylesheet";
  link.href = new URL(address, document.baseURI);
  document.head.append(link);
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function themed(layout, root, height) {
  const style = getComputedStyle(root);
  const text = style.getPropertyValue("--st-text-color").trim() || style.color;
  const line = style.getPropertyValue("--st-border-color").trim() || "#8888";
  const filled = {
    ...layout,
    autosize: true,
    height,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { ...layout.font, color: text, family: style.fontFamily },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: line, activecolor: text },
  };
  for (const name of Object.keys(layout)) {
    if (!/^[xy]axis\d*$/.test(name)) continue;
    filled[name] = { gridcolor: line, zerolinecolor: line, linecolor: line, ...layout[name] };
  }
  return filled;
}

// --- the numbers behind the figure

function columns(plot) {
  const found = [];
  for (const trace of plot._fullData || []) {
    const name = trace.name || trace.type;
    if (trace.z) {
      found.push([`${name} (rows of the matrix)`, Array.from(trace.z, (r) => Array.from(r).join(" "))]);
      continue;
    }
    const axes = trace.orientation === "h" ? ["y", "x"] : ["x", "y"];
    for (const axis of axes) {
      if (trace[axis]) found.push([`${name}: ${axis}`, Array.from(trace[axis])]);
    }
  }
  return found;
}

function rows(plot) {
  const found = columns(plot);
  const length = Math.max(0, ...found.map(([, values]) => values.length));
  const body = [];
  for (let i = 0; i < length; i += 1) {
    body.push(found.map(([, values]) => (values[i] === undefined ? "" : values[i])));
  }
  return [found.map(([name]) => name), ...body];
}

function fill(holder, plot) {
  const [head, ...body] = rows(plot);
  const table = document.createElement("table");
  const show = (v) => (typeof v === "number" ? Number(v.toPrecision(5)) : v ?? "");
  const line = (cells, tag) => {
    const tr = document.createElement("tr");
    for (const cell of cells) tr.append(element(tag, "", String(show(cell))));
    return tr;
  };
  table.append(line(head, "th"), ...body.slice(0, 2000).map((r) => line(r, "td")));
  holder.replaceChildren(table);
}

function saveCsv(plot, name) {
  const quote = (v) => `"${String(v ?? "").replaceAll('"', '""')}"`;
  const text = rows(plot).map((r) => r.map(quote).join(",")).join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = `${name}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// --- mounting

function create(parent) {
  const root = element("div", "dlt-figure");
  const plot = element("div", "dlt-plot");
  const tools = element("div", "dlt-tools");
  const table = element("div", "dlt-table");
  table.hidden = true;
  plot.setAttribute("role", "img");
  root.append(plot, tools, table);
  parent.append(root);
  const button = (label, title, act) => {
    const node = element("button", "", label);
    node.type = "button";
    node.title = title;
    node.onclick = act;
    tools.append(node);
    return node;
  };
  const name = () => root.dataset.name || "figure";
  const toggle = button("Table", "The numbers behind the figure", () => {
    table.hidden = !table.hidden;
    toggle.setAttribute("aria-expanded", String(!table.hidden));
    if (!table.hidden) fill(table, plot);
  });
  button("CSV", "Download the numbers", () => saveCsv(plot, name()));
  for (const format of ["png", "svg"]) {
    button(format.toUpperCase(), "Download the picture", () =>
      window.Plotly.downloadImage(plot, { format, filename: name(), scale: 2 }));
  }
  return { root, plot, table };
}

// A figure that leaves the page is kept: when it comes back, at the same address under
// the same key, it is updated instead of built anew, and its zoom is still there.
const KEPT = 24;

function mounted(component) {
  const { data, parentElement } = component;
  if (parentElement.dltFigure) return parentElement.dltFigure;
  const all = (window.dltFigures ??= new Map());
  const name = `${location.pathname}${location.search} ${data.key}`;
  let found = all.get(name);
  if (!found || found.root.isConnected) found = create(parentElement);
  else parentElement.append(found.root);
  parentElement.dltFigure = found;
  all.delete(name);
  all.set(name, found); // newest last
  const gone = [...all].filter(([, figure]) => !figure.root.isConnected);
  for (const [old, figure] of gone.slice(0, Math.max(0, gone.length - KEPT))) {
    all.delete(old);
    window.Plotly?.purge(figure.plot);
  }
  return found;
}

// --- drawing: one figure a frame, so that the page answers between two of them

const waiting = new Map();

function soon(figure, data) {
  if (!waiting.size) requestAnimationFrame(drawNext);
  waiting.set(figure, data); // only the newest numbers of a figure are drawn
}

function drawNext() {
  const [figure, data] = waiting.entries().next().value;
  waiting.delete(figure);
  if (waiting.size) requestAnimationFrame(drawNext);
  if (figure.root.isConnected) draw(figure, data).catch((error) => { figure.plot.textContent = error.message; });
}

async function draw({ root, plot, table }, data) {
  const layout = themed(data.figure.layout || {}, root, data.height);
  const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["toImage", "lasso2d", "select2d"] };
  await window.Plotly.react(plot, data.figure.data || [], layout, config);
  if (!table.hidden) fill(table, plot);
}

export default function (component) {
  const { data } = component;
  styled(data.style);
  const loaded = plotly(data.source);
  if (!data.figure) {
    loaded.catch(() => undefined);
    return;
  }
  const figure = mounted(component);
  const { root, plot } = figure;
  plot.setAttribute("aria-label", data.alt);
  root.dataset.name = (data.alt || "figure").split(/[.:;]/)[0].replace(/\W+/g, "-").slice(0, 60);
  plot.style.minHeight = `${data.height}px`;
  loaded
    .then(() => soon(figure, data))
    .catch((error) => { plot.textContent = error.message; });
}
