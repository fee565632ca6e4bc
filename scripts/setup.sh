#!/usr/bin/env bash
# Makes sure that everything Folio is built from is on this machine; installs what is missing on Debian and Ubuntu.
#
#   scripts/setup.sh            what `make build` and `make demo` need
#   scripts/setup.sh test       besides, a browser, in which `make test` opens a report
#   scripts/setup.sh bench      besides, libtorch, which the benchmarks compare with
#   scripts/setup.sh style      besides, clang-format and clang-tidy
#   scripts/setup.sh keras      besides, what a virtual environment of Python needs
#   scripts/setup.sh fuzz       besides, Clang with its fuzzer
#
# Prints one line per missing package and nothing when all is there.
set -euo pipefail

packages=(g++ make cmake ninja-build ccache zlib1g-dev nlohmann-json3-dev libcli11-dev libfmt-dev
          libpng-dev libjpeg62-turbo-dev libsndfile1-dev libkissfft-dev libutf8proc-dev libjs-chart.js libjs-katex libmd4c-dev libmd4c-html0-dev libgtest-dev libgmock-dev dataset-fashion-mnist python3)
for extra in "$@"; do
  case $extra in
    test) packages+=(chromium) ;;
    bench) packages+=(libtorch-dev libopenblas-openmp-dev) ;;
    style) packages+=(clang-format clang-tidy) ;;
    keras) packages+=(python3-venv) ;;
    fuzz) packages+=(clang libclang-rt-dev) ;;
    *) echo "setup: expected test, bench, style, keras or fuzz, got '$extra'" >&2; exit 2 ;;
  esac
done

# For machines whose packages are not ours to install: which tools and headers are not there, one word each.
missing_tools() {
  local tool header
  for tool in g++ make cmake ninja python3; do
    command -v "$tool" >/dev/null || echo "$tool"
  done
  if command -v g++ >/dev/null; then
    for header in zlib.h png.h jpeglib.h sndfile.h kissfft/kissfft.hh utf8proc.h md4c-html.h nlohmann/json.hpp CLI/CLI.hpp fmt/core.h gtest/gtest.h gmock/gmock.h; do
      echo "#include <$header>" | g++ -std=c++20 -x c++ -M - >/dev/null 2>&1 || echo "<$header>"
    done
  fi
}

# Ends the script: well when the tools are there however they came, otherwise saying what to do.
make_do() {
  local tools
  tools=$(missing_tools)
  [[ -z $tools ]] && exit 0
  {
    echo "setup: $1."
    echo "Not found: ${tools//$'\n'/, }."
    echo "$2"
  } >&2
  exit 1
}

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  make_do "this is not Debian or Ubuntu, so nothing was installed" \
    "Install a C++20 compiler (GCC 12 or later), make, CMake 3.25 or later, Ninja, Python 3, zlib, libpng, libjpeg-turbo, libsndfile,
KissFFT, utf8proc,
nlohmann-json, CLI11, fmt, md4c, GoogleTest with GoogleMock, Chart.js 3 and KaTeX (tell CMake with -DFOLIO_CHART_JS=…/chart.min.js,
-DFOLIO_CHART_JS_LICENCE=…, -DFOLIO_KATEX=… and -DFOLIO_KATEX_LICENCE=…); then run this again.
The demo also wants the files of Fashion-MNIST in \$FOLIO_DATA/fashion-mnist."
fi

installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "${packages[@]}" 2>/dev/null || true) "
missing=()
for package in "${packages[@]}"; do
  [[ $installed == *" installed=$package "* ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null || make_do "packages are missing, and installing them takes root or sudo" \
    "Ask an administrator to run: apt-get install ${missing[*]}"
  as_root=(sudo)
  [[ -t 0 ]] || as_root=(sudo -n)  # nobody is there to type a password
fi

for package in "${missing[@]}"; do echo "setup: installing $package"; done
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A list that could not be refreshed may still do.
if ! { apt update || true; apt install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  make_do "apt-get could not install everything (see above)" "Try by hand: apt-get install ${missing[*]}"
fi
