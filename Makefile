# Set-up, build and tests in one word each; `make` alone lists them. The work itself is CMake's: see CMakePresets.json.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
# Tests that want real data look for it in $FOLIO_DATA, or else in a data folder beside the checkout.
with_data = FOLIO_DATA="$${FOLIO_DATA:-$$(cd ../shared/data 2>/dev/null && pwd)}"; \
            if [ -n "$$FOLIO_DATA" ]; then export FOLIO_DATA; else unset FOLIO_DATA; fi;

.DEFAULT_GOAL := help
.PHONY: help build demo test test-sanitize test-keras bench install format tidy clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

build:  ## install what is missing, then build the command build/folio, optimized
	@scripts/setup.sh
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --parallel $(JOBS) --target folio_cli

demo: build  ## train LeNet-5 on Fashion-MNIST
	@build/folio train lenet5 --data fashion-mnist

test:  ## build everything and run all tests
	@scripts/setup.sh
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --parallel $(JOBS)
	@scripts/time_user_file.sh
	@$(with_data) ctest --preset release --parallel $(JOBS)

test-sanitize:  ## the same tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/setup.sh
	@cmake --preset sanitize --log-level=WARNING >/dev/null
	@cmake --build --preset sanitize --parallel $(JOBS)
	@$(with_data) ctest --preset sanitize --parallel $(JOBS)

test-keras:  ## let Keras, from PyPI, open the files that Folio writes
	@scripts/setup.sh keras
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --parallel $(JOBS) --target folio_tests
	@test -x build-keras/venv/bin/pip || python3 -m venv build-keras/venv
	@build-keras/venv/bin/pip install --quiet --disable-pip-version-check 'keras>=3,<4' jax
	@rm -rf build-keras/files && mkdir build-keras/files
	@FOLIO_KERAS_FOLDER=build-keras/files build/tests/folio_tests --gtest_filter=KerasFile.WritesForKeras --gtest_brief=1
	@KERAS_BACKEND=jax build-keras/venv/bin/python tests/formats/keras_opens.py build-keras/files

bench:  ## measure Folio beside libtorch
	@scripts/setup.sh bench
	@cmake --preset bench --log-level=WARNING >/dev/null
	@cmake --build --preset bench --parallel $(JOBS)
	@python3 benchmarks/compare.py --build build-bench

install: build  ## install the command and the library; PREFIX=/usr/local
	@cmake --install build --prefix "$(PREFIX)" --strip

format:  ## lay out all sources as .clang-format says
	@scripts/setup.sh style
	@git ls-files -z --cached --others --exclude-standard '*.h' '*.cpp' | xargs -0 clang-format -i

tidy:  ## run the checks of .clang-tidy
	@scripts/setup.sh style
	@cmake --preset release --log-level=WARNING >/dev/null
	@git ls-files -z '*.cpp' | grep -zv '^benchmarks/peers/' | xargs -0 -n 1 -P $(JOBS) clang-tidy -p build --quiet

clean:  ## remove everything that was built
	@rm -rf build build-*
