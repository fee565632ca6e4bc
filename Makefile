# Set-up, build and tests in one word each; `make` alone lists them. The work itself is CMake's: see CMakePresets.json.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
comma := ,
# Tests that want real data look for it in $FOLIO_DATA, or else in a data folder beside the checkout.
with_data = FOLIO_DATA="$${FOLIO_DATA:-$$(cd ../shared/data 2>/dev/null && pwd)}"; \
            if [ -n "$$FOLIO_DATA" ]; then export FOLIO_DATA; else unset FOLIO_DATA; fi;

.DEFAULT_GOAL := help
.PHONY: help build demo test test-long test-sanitize test-threads test-damage mutants test-keras fuzz bench install format tidy clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

build:  ## install what is missing, then build the command build/folio, optimized
	@scripts/setup.sh
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --parallel $(JOBS) --target folio_cli

demo: build  ## train LeNet-5 on Fashion-MNIST
	@build/folio train lenet5 --data fashion-mnist

test:  ## build everything and run all tests
	@scripts/setup.sh test
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --parallel $(JOBS)
	@scripts/time_user_file.sh
	@$(with_data) ctest --preset release --parallel $(JOBS) --label-exclude long

test-long:  ## the examples that train for minutes
	@scripts/setup.sh test
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --parallel $(JOBS)
	@$(with_data) ctest --preset release --label-regex long --verbose

test-sanitize:  ## the same tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@scripts/setup.sh test
	@cmake --preset sanitize --log-level=WARNING >/dev/null
	@cmake --build --preset sanitize --parallel $(JOBS)
	@$(with_data) ctest --preset sanitize --parallel $(JOBS) --label-exclude long

# The suites in which threads meet: the pool, plans and their frames, fast kernels, streams, pictures read side by side.
threaded = Threads.*:Plan*:Frame.*:BoundStep.*:RunChain.*:StreamedData.*:RowsInMemory.*:Rows.*:Passes.*:*Kernel.*:Scan.*:MatrixProduct.*:LanesConvolution.*:Dropout.*:FitOptions.*:Calls.*:CachedDecoder.*:Pictures.*:RawData.*
test-threads:  ## what runs on several threads, under ThreadSanitizer
	@scripts/setup.sh
	@cmake --preset threads --log-level=WARNING >/dev/null
	@cmake --build --preset threads --parallel $(JOBS) --target folio_tests
	@build-threads/tests/folio_tests --gtest_brief=1 --gtest_filter='$(threaded)'

# MUTANTS=300, SEED=1; SINCE=REVISION for changed lines alone; FILES="folio/data cli/fit.cpp" for some. Hours for 300 of them.
MUTANTS ?= 300
SEED ?= 1
mutants:  ## plant small bugs in a copy, and tell which of them the tests do not notice
	@scripts/setup.sh test
	@$(with_data) scripts/mutants.py --count $(MUTANTS) --seed $(SEED) $(if $(SINCE),--since $(SINCE)) $(FILES)

test-damage:  ## let every byte and field of small files be damaged in every way; takes minutes
	@scripts/setup.sh
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --parallel $(JOBS) --target folio_tests
	@FOLIO_EVERY_BYTE=1 build/tests/folio_tests --gtest_brief=1 --gtest_filter='*Damage*:*Extreme*:*Prefix*:*Hostile*'

# FUZZ_SECONDS=600 for ten minutes. What made a target fail lies in build-fuzz/, to be given to it as its argument.
FUZZ_SECONDS ?= 60
fuzz:  ## look for files that break the reader of Keras' files, sanitized
	@scripts/setup.sh fuzz
	@cmake --preset fuzz --log-level=WARNING >/dev/null
	@cmake --build --preset fuzz --parallel $(JOBS) --target keras_fuzzer
	@mkdir -p build-fuzz/corpus build-fuzz/seeds && python3 fuzz/make_seeds.py build-fuzz/seeds
	@cd build-fuzz && fuzz/keras_fuzzer corpus seeds -dict=../fuzz/keras.dict -max_len=65536 \
	  -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256 -print_final_stats=1

# Three versions of Keras, oldest, middle and newest; random models against the middle one.
KERAS_MODELS ?= 320
test-keras:  ## let real Keras, from PyPI, open Folio's files, and compare random models both ways
	@scripts/setup.sh keras
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release --parallel $(JOBS) --target folio_tests folio_cli
	@rm -rf build-keras/files && mkdir -p build-keras/files
	@FOLIO_KERAS_FOLDER=build-keras/files build/tests/folio_tests --gtest_filter=KerasFile.WritesForKeras --gtest_brief=1
	@for version in 3.0.5 3.12.4 newest; do \
	  venv=build-keras/$$version; \
	  test -x $$venv/bin/pip || python3 -m venv $$venv || exit 1; \
	  case $$version in \
	    3.0.5) wanted='keras==3.0.5 jax<0.5 packaging';; \
	    newest) wanted='keras>=3,<4 jax';; \
	    *) wanted="keras==$$version jax";; \
	  esac; \
	  $$venv/bin/pip install --quiet --disable-pip-version-check $$wanted || exit 1; \
	  KERAS_BACKEND=jax $$venv/bin/python tests/formats/keras_opens.py build-keras/files build/folio || exit 1; \
	done
	@build-keras/3.12.4/bin/python tests/keras/random_models.py --folio build/folio --models $(KERAS_MODELS) \
	  --catalogs build-keras/files/catalogs.json

# PEERS=torch,jax takes PyTorch and JAX from PyPI too, some GB, into build-bench/peers-venv.
PEERS ?=
bench:  ## measure Folio beside libtorch, and beside PEERS
	@scripts/setup.sh bench $(if $(PEERS),keras)
	@cmake --preset bench --log-level=WARNING >/dev/null
	@cmake --build --preset bench --parallel $(JOBS)
	@if [ -n "$(PEERS)" ]; then \
	  test -x build-bench/peers-venv/bin/pip || python3 -m venv build-bench/peers-venv || exit 1; \
	  build-bench/peers-venv/bin/pip install --quiet --disable-pip-version-check numpy $(subst $(comma), ,$(PEERS)) || exit 1; \
	fi
	@python3 benchmarks/compare.py --build build-bench --peers "$(PEERS)"

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
