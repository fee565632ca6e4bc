#include "folio/base/tell.h"

#include <gtest/gtest.h>

#include <string>

namespace folio {
namespace {

TEST(Tell, GoesToStandardErrorOrToAListener) {
  testing::internal::CaptureStderr();
  tell("one ");
  warn("two");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "one folio: warning: two\n");
  std::string heard;
  set_listener([&](std::string_view text) {
    heard += std::string(text);
    if (text == "more") tell("and more");  // as from code that a listener calls
  });
  testing::internal::CaptureStderr();
  tell("three ");
  warn("four");
  tell("more");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(heard, "three folio: warning: four\nmoreand more");
  set_listener({});
  testing::internal::CaptureStderr();
  tell("five");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "five");
}

}  // namespace
}  // namespace folio
