#include "folio/models/drawing.h"

#include <gtest/gtest.h>

#include "folio/folio.h"

namespace folio {
namespace {

size_t count(const std::string& text, const std::string& word) {
  size_t found = 0;
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

/// Two ways from one input, one of them past two rows of layers; `tower` is called twice.
Model branches() {
  const Value x = Input({4}, {.name = "x"});
  const Dense tower(4, {.name = "tower"});
  const Value once = tower(x), twice = tower(Dense(4, {.name = "between"})(once));
  return Model(x, concatenate({x, twice}), "a \"quoted\" <name>");
}

TEST(Drawing, HasABoxForEachLayerAndAnArrowForEachNeed) {
  const std::string dot = draw_dot(branches());
  EXPECT_EQ(count(dot, "[label="), 4u) << dot;  // x, tower, between, concatenate
  EXPECT_EQ(count(dot, "->"), 5u) << dot;
  EXPECT_NE(dot.find("a \\\"quoted\\\" <name>"), std::string::npos) << dot;
  EXPECT_NE(dot.find("tower\\nDense (None, 4)"), std::string::npos) << dot;
}

TEST(Drawing, DrawsTheSameAsAPicture) {
  const std::string svg = draw_svg(branches());
  EXPECT_EQ(count(svg, "<rect"), 4u) << svg;
  EXPECT_EQ(count(svg, "marker-end"), 5u) << svg;
  EXPECT_NE(svg.find("a &quot;quoted&quot; &lt;name&gt;"), std::string::npos) << svg;
}

TEST(Drawing, DrawsModelsWithoutShapes) {
  const std::string dot = draw_dot(Sequential({Dense(4), Dense(2)}));
  EXPECT_EQ(count(dot, "[label="), 2u) << dot;
  EXPECT_EQ(count(dot, "->"), 1u) << dot;
  EXPECT_EQ(count(draw_svg(Sequential()), "<rect"), 0u);
}

}  // namespace
}  // namespace folio
