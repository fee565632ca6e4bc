#!/usr/bin/env bash
# Prints how long a file takes to compile that includes all of Folio and trains a model. Nothing is checked: how long it
# takes depends on what else the machine is doing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
object=$(mktemp)
trap 'rm -f "$object"' EXIT
TIMEFORMAT='A file that includes <folio/folio.h> and trains LeNet-5 compiles in %R s (%U s of processor time).'
time g++ -std=c++20 -O2 -I . -c tests/consumer/lenet5.cpp -o "$object"
