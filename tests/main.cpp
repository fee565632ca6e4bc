// Starts the tests. Two variables run them again under other settings: FOLIO_TEST_WITHOUT names a pass to
// leave out of every compilation, FOLIO_TEST_THREADS is the number of threads where nobody asks for one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "folio/compiler/compile.h"
#include "tests/base/files_for_tests.h"

std::string folio::tests_folder() { return FOLIO_TESTS_FOLDER; }

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  folio::plan_defaults().check = true;
  if (const char* pass = std::getenv("FOLIO_TEST_WITHOUT")) folio::plan_defaults().without = {pass};
  if (const char* threads = std::getenv("FOLIO_TEST_THREADS")) folio::set_default_threads(std::atoi(threads));
  return RUN_ALL_TESTS();
}
