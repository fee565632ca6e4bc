// Draws the figures of the page: each canvas names its figure, whose numbers stand in the page as JSON.
(function () {
  "use strict";
  var root = document.documentElement, charts = [];
  root.dataset.errors = "0";
  window.addEventListener("error", function (event) {
    root.dataset.errors = String(Number(root.dataset.errors) + 1);
    root.dataset.error = event.message;
  });
  var figures = JSON.parse(document.getElementById("figures").textContent);
  var printing = window.matchMedia("print"), dark = window.matchMedia("(prefers-color-scheme: dark)");

  function colour(name) { return getComputedStyle(root).getPropertyValue("--" + name).trim(); }
  function tidy(value) {
    if (!isFinite(value)) return "";
    var size = Math.abs(value);
    if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2);
    return String(Number(value.toPrecision(4)));
  }
  function points(series) {
    return series.x.map(function (x, i) { return { x: x, y: series.y[i] === null ? NaN : series.y[i] }; });
  }
  function axis(spec, direction, log) {
    var options = {
      type: log ? "logarithmic" : "linear", offset: false,
      title: { display: Boolean(spec.label), text: spec.label || "", color: colour("soft") },
      grid: { color: colour("rule"), borderColor: colour("soft"), tickLength: 4, lineWidth: direction === "x" && spec.quiet ? 0 : 1 },
      ticks: { color: colour("soft"), maxRotation: 0, autoSkipPadding: 12, callback: function (v) {
        if (spec.whole && v !== Math.round(v)) return null;
        if (log) { var d = v / Math.pow(10, Math.floor(Math.log10(v) + 1e-9)); if ([1, 2, 5].indexOf(Math.round(d * 1000) / 1000) < 0) return null; }
        return tidy(v);
      } }
    };
    if (typeof spec.min === "number" && !(log && spec.min <= 0)) options.min = spec.min;
    if (typeof spec.max === "number") options.max = spec.max;
    if (spec.whole) options.ticks.precision = 0;
    return options;
  }
  function swatch(series) {
    var ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"), mark;
    svg.setAttribute("width", "18"); svg.setAttribute("height", "8"); svg.setAttribute("aria-hidden", "true");
    mark = document.createElementNS(ns, series.scatter ? "circle" : "path");
    if (series.scatter) { mark.setAttribute("cx", "9"); mark.setAttribute("cy", "4"); mark.setAttribute("r", "3.5"); }
    else mark.setAttribute("d", series.bars ? "M2 0h14v8h-14z" : "M0 4h18");
    var c = series.colour < 0 ? "var(--soft)" : "var(--c" + series.colour % 7 + ")";
    mark.style.fill = series.scatter || series.bars ? c : "none";
    mark.style.stroke = series.scatter || series.bars ? "none" : c;
    mark.style.strokeWidth = "2.2";
    if (series.dash) mark.style.strokeDasharray = "4 3";
    svg.appendChild(mark);
    return svg;
  }
  function legend(box, figure) {
    var spec = figure.spec, named = spec.series.filter(function (series) { return !series.still; }).length;
    if (named > 1) spec.series.forEach(function (series, i) {
      if (series.still) return;
      var button = document.createElement("button");
      button.type = "button"; button.setAttribute("aria-pressed", "true"); button.title = "Show or hide";
      button.appendChild(swatch(series)); button.appendChild(document.createTextNode(series.name));
      button.addEventListener("click", function () {
        figure.hidden[i] = !figure.hidden[i]; button.setAttribute("aria-pressed", String(!figure.hidden[i])); draw(figure);
      });
      box.appendChild(button);
    });
    if (!spec.y.logSwitch) return;
    var change = document.createElement("button");
    change.type = "button"; change.className = "switch"; change.setAttribute("aria-pressed", "false");
    change.textContent = "log scale";
    change.addEventListener("click", function () {
      figure.log = !figure.log; change.setAttribute("aria-pressed", String(figure.log)); draw(figure);
    });
    box.appendChild(change);
  }
  function drew(canvas) {
    var data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    for (var i = 3; i < data.length; i += 4) if (data[i]) return true;
    return false;
  }
  function dataset(series, hidden) {
    var c = series.colour < 0 ? colour("soft") : colour("c" + series.colour % 7), fill = series.scatter ? c + "99" : c;
    return {
      type: series.bars ? "bar" : series.scatter ? "scatter" : "line", label: series.name, data: points(series), hidden: hidden,
      borderColor: c, backgroundColor: fill, pointBackgroundColor: fill, pointBorderColor: fill,
      borderWidth: series.bars || series.scatter ? 0 : series.thin ? 1.2 : 2, borderDash: series.dash ? [5, 4] : [], fill: false, tension: 0,
      pointRadius: series.scatter ? 2.2 : series.x.length === 1 || series.points ? 3 : 0, pointHoverRadius: series.still ? 0 : 4,
      pointHitRadius: 8, clip: 6, barPercentage: 1, categoryPercentage: 0.94, grouped: false, parsing: false, normalized: true
    };
  }
  function draw(figure) {
    var spec = figure.spec;
    if (figure.chart) figure.chart.destroy();
    figure.chart = new Chart(figure.canvas, {
      type: "scatter",
      data: { datasets: spec.series.map(function (series, i) { return dataset(series, Boolean(figure.hidden[i])); }) },
      options: {
        responsive: true, maintainAspectRatio: false, animation: false,
        scales: { x: axis(spec.x, "x", spec.x.log), y: axis(spec.y, "y", figure.log || spec.y.log) },
        interaction: { mode: spec.nearest ? "nearest" : "x", intersect: spec.nearest, axis: spec.nearest ? "xy" : "x" },
        plugins: {
          legend: { display: false },
          tooltip: {
            backgroundColor: colour("ink"), titleColor: colour("paper"), bodyColor: colour("paper"),
            filter: function (item) { return !spec.series[item.datasetIndex].still; },
            callbacks: {
              title: function (items) { return items.length && spec.x.label ? spec.x.label + " " + tidy(items[0].parsed.x) : ""; },
              label: function (item) { return " " + item.dataset.label + ": " + tidy(item.parsed.y); }
            }
          }
        }
      }
    });
    figure.canvas.dataset.drawn = drew(figure.canvas) ? "1" : "0";
  }
  function again() { charts.forEach(draw); }

  Chart.defaults.font.family = colour("sans");
  Chart.defaults.font.size = 12;
  document.querySelectorAll("canvas[data-figure]").forEach(function (canvas) {
    var figure = { canvas: canvas, spec: figures[canvas.dataset.figure], hidden: {}, log: false };
    charts.push(figure);
    legend(canvas.closest("figure").querySelector(".legend"), figure);
    draw(figure);
  });
  [printing, dark].forEach(function (query) { query.addEventListener("change", again); });
  window.addEventListener("beforeprint", again);

  // The table of contents follows the reader.
  var links = {}, seen = {};
  document.querySelectorAll("nav a").forEach(function (a) { links[a.getAttribute("href").slice(1)] = a; });
  var watch = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) { seen[entry.target.id] = entry.isIntersecting; });
    var current = Object.keys(links).filter(function (id) { return seen[id]; })[0];
    if (current) Object.keys(links).forEach(function (id) {
      if (id === current) links[id].setAttribute("aria-current", "true"); else links[id].removeAttribute("aria-current");
    });
  }, { rootMargin: "-10% 0px -55% 0px" });
  document.querySelectorAll("section[id]").forEach(function (section) { watch.observe(section); });
  root.dataset.overflow = String(Math.max(0, root.scrollWidth - root.clientWidth));
  root.dataset.width = String(root.clientWidth);
  root.dataset.ready = "1";
})();
