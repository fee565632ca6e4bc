#!/usr/bin/env bash
# A report and a comparison, opened in headless Chromium at the width of a phone and of a desktop: every chart has drawn,
# no script has failed, nothing is wider than the page. Leaves screenshots and a printed page in the folder PICTURES.
# usage: browser.sh FOLIO GOLDEN PICTURES; golden/lenet5 is the record of `folio train lenet5 --epochs 3`, with fewer mistakes.
set -u
folio=$(realpath "$1") golden=$(realpath "$2")
mkdir -p "$3" && pictures=$(realpath "$3")
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
  echo "skipped: there is no Chromium here; scripts/setup.sh test installs it"
  exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
  echo "FAILED: $*"
  failed=1
}

# headless WIDTH HEIGHT OPTION… PAGE
headless() {
  local size=$1,$2
  shift 2
  timeout 100 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --user-data-dir="$work/profile" \
    --disable-background-networking --virtual-time-budget=4000 --window-size="$size" "$@" 2>>"$work/messages"
}

# see NAME CHARTS: what the page says of itself once its script has run. Windows have a least width, frames do not.
see() {
  local width said
  for width in 390 1280; do
    cat >"$work/frame.html" <<END
<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<iframe src="$1.html" style="display:block;border:0;width:${width}px;height:4200px"></iframe>
<script>addEventListener("load", () => {
  if (location.hash) return;  // the picture is wanted
  const page = frames[0].document, root = page.documentElement.dataset, all = (what) => page.querySelectorAll(what).length;
  document.body.textContent = "ready " + root.ready + ", errors " + root.errors + ", width " + root.width + ", overflow " + root.overflow +
    ", charts " + all("canvas") + ", drawn " + all("canvas[data-drawn='1']") + ", elements from names " + all("img[src=x]") + ".";
});</script>
END
    said=$(headless 1400 900 --allow-file-access-from-files --dump-dom "file://$work/frame.html" | grep -o 'ready [^.]*')
    [ "$said" = "ready 1, errors 0, width $width, overflow 0, charts $2, drawn $2, elements from names 0" ] ||
      fail "$1 at $width: ${said:-no answer}"
    headless "$width" 4200 --screenshot="$pictures/$1-$width.png" "file://$work/frame.html#picture"
    [ -s "$pictures/$1-$width.png" ] || fail "$1 at $width: no screenshot"
  done
}

cp -r "$golden/lenet5" "$work/lenet5"
mkdir "$work/other"
# Another run whose names try to get out of where they stand.
sed -e 's/"T-shirt\/top"/"<\/script><img src=x onerror=alert(1)>"/g; s/"name":"lenet5"/"name":"<img src=x onerror=alert(1)>"/' \
  "$golden/lenet5/report.json" >"$work/other/report.json"
"$folio" report "$work/lenet5" --output "$work/report.html" >"$work/said" || fail "report: $(cat "$work/said")"
"$folio" report "$work/other" --output "$work/names.html" >"$work/said" || fail "names: $(cat "$work/said")"
"$folio" compare "$work/lenet5" "$work/other" --output "$work/compare.html" >"$work/said" || fail "compare: $(cat "$work/said")"
see report 5
see names 5
see compare 2
headless 1280 900 --print-to-pdf="$pictures/report.pdf" --no-pdf-header-footer "file://$work/report.html"
[ -s "$pictures/report.pdf" ] || fail "the page cannot be printed"

[ "$failed" = 0 ] && echo "reports open; screenshots are in $pictures"
exit "$failed"
