#!/usr/bin/env bash
# Prints how long a file takes to compile that includes all of Folio and trains a model. Nothing is checked: how long it
# takes depends on what else the machine is doing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
object=$(mktemp)
trap 'rm -f "$object"' EXIT
TIMEFORMAT='A file that includes <folio/folio.h> and trains LeNet-5 compiles in %R s.'
time g++ -std=c++20 -O2 -I . -c scripts/user_file.cpp -o "$object"
