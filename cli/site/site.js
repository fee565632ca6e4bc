// Formulas, the shade, and the search; all pages' texts are in search.js.
(function () {
  "use strict";
  var root = document.documentElement, up = root.dataset.up;
  root.dataset.errors = "0";
  addEventListener("error", function () { root.dataset.errors = String(Number(root.dataset.errors) + 1); });

  function remembered(value) {  // a browser may forbid it
    try { if (value) localStorage.setItem("shade", value); return localStorage.getItem("shade"); } catch (e) { return null; }
  }
  root.dataset.shade = remembered() || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.getElementById("shade").addEventListener("click", function () {
    root.dataset.shade = root.dataset.shade === "dark" ? "light" : "dark";
    remembered(root.dataset.shade);
  });

  document.querySelectorAll("x-equation").forEach(function (formula) {
    katex.render(formula.textContent, formula, { displayMode: formula.getAttribute("type") === "display" });
  });

  // Every word must be there; words of the title weigh more, and pages more than headers.
  function look(asked) {
    var words = asked.toLowerCase().split(/\s+/).filter(Boolean), found = [];
    if (!words.length) return found;
    pages.forEach(function (page) {
      var title = page[1].toLowerCase(), text = page[2].toLowerCase(), score = /\.(h|cpp)\.html$/.test(page[0]) ? 0 : 5;
      for (var i = 0; i < words.length; ++i) {
        if (title.indexOf(words[i]) >= 0) score += 20;
        else if (text.indexOf(words[i]) < 0) return;
        score += Math.min(4, text.split(words[i]).length - 1);
      }
      var at = Math.max(0, text.indexOf(words[0]) - 60);
      found.push({ page: page, score: score, about: page[2].substr(at, 180) });
    });
    return found.sort(function (a, b) { return b.score - a.score; }).slice(0, 12);
  }
  var box = document.getElementById("found"), field = document.getElementById("search");
  field.addEventListener("input", function () {
    var found = look(field.value);
    box.textContent = field.value.trim() && !found.length ? "Nothing found." : "";
    found.forEach(function (hit) {
      var link = document.createElement("a"), title = document.createElement("b"), about = document.createElement("span");
      link.href = up + hit.page[0]; title.textContent = hit.page[1]; about.textContent = hit.about;
      link.append(title, about); box.append(link);
    });
  });
  root.dataset.ready = "1";
})();
