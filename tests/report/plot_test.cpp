#include "folio/report/plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "folio/base/error.h"
#include "folio/report/plot_axis.h"
#include "tests/report/xml_check.h"

namespace folio {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN(), kInf = std::numeric_limits<double>::infinity();

size_t count(const std::string& text, const std::string& word) {
  size_t found = 0;
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

std::vector<std::string> labels(const PlotAxis& axis, int wanted) {
  std::vector<std::string> found;
  for (const PlotTick& tick : ticks_of(axis, wanted)) found.push_back(tick.label);
  return found;
}

using Words = std::vector<std::string>;

TEST(Plot, PutsTicksAtRoundNumbers) {
  EXPECT_EQ(labels({0, 1, false}, 5), (Words{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  EXPECT_EQ(labels({-7, 23, false}, 5), (Words{"0", "10", "20"}));
  EXPECT_EQ(labels({0.8512, 0.8534, false}, 5), (Words{"0.8515", "0.8520", "0.8525", "0.8530"}));
  EXPECT_EQ(labels({0, 3.2e6, false}, 5), (Words{"0", "1e+06", "2e+06", "3e+06"}));
  EXPECT_EQ(labels({0.05, 2000, true}, 6), (Words{"0.1", "1", "10", "100", "1000"}));
  EXPECT_EQ(labels({1e-12, 1, true}, 4), (Words{"1e-12", "1e-9", "1e-6", "0.001", "1"}));
  for (const PlotTick& tick : ticks_of({-3.1, 9.7, false}, 5)) {
    EXPECT_GE(tick.value, -3.1);
    EXPECT_LE(tick.value, 9.7);
  }
}

TEST(Plot, PlacesValuesOnItsAxes) {
  EXPECT_DOUBLE_EQ((PlotAxis{-1, 3, false}.place(0)), 0.25);
  EXPECT_DOUBLE_EQ((PlotAxis{0.01, 100, true}.place(1)), 0.5);
  const PlotAxis axis = fit_axis({2, 4, kNaN}, {}, 0.5, false);
  EXPECT_DOUBLE_EQ(axis.low, 1);
  EXPECT_DOUBLE_EQ(axis.high, 5);
  EXPECT_DOUBLE_EQ(fit_axis({2, 4}, {}, 0.5, true).low, 0);
  EXPECT_DOUBLE_EQ(fit_axis({2, 4}, {.high = 10.0}, 0, false).high, 10);
  EXPECT_THROW(fit_axis({2, 4}, {.low = 10.0}, 0, false), Error);
  EXPECT_THROW(fit_axis({2, 4}, {.low = 1.0, .high = 1.0 + 1e-15}, 0, false), Error);
  EXPECT_THROW(fit_axis({2, 4}, {.log = true, .low = 0.0}, 0, false), Error);
}

TEST(Plot, IsWellFormedWhateverTheNames) {
  const std::string odd = "</svg><script> & \"\x01\xff";
  const std::string svg = Plot(odd)
                              .band(odd, {1, 2, 3}, {0, 1, 2}, {2, 3, 4})
                              .per_epoch(odd, {1, 4, 9}, {.dashed = true, .points = true})
                              .scatter(odd, {1, 2}, {3, 4})
                              .x_axis({.label = odd})
                              .y_axis({.label = odd, .log = false})
                              .svg();
  EXPECT_EQ(xml_mistake(svg), "") << svg;
  EXPECT_EQ(svg.find("<script>"), std::string::npos);
  EXPECT_NE(svg.find("&lt;/svg&gt;&lt;script&gt; &amp; &quot; \xEF\xBF\xBD"), std::string::npos) << svg;
  const std::string bars =
      Plot("bars").bars("a", {odd, "two"}, {1, -2}).bars("b", {odd, "two"}, {3, 4}).svg();
  EXPECT_EQ(xml_mistake(bars), "") << bars;
  EXPECT_EQ(count(bars, "<rect"), 6u);  // four bars and two in the legend
  const std::string map =
      Plot()
          .heat_map({1, 2, 3, 4, 5, 6}, 3,
                    {.row_labels = {odd, "b"}, .column_labels = {"x", "y", "z"}, .numbers = true})
          .svg();
  EXPECT_EQ(xml_mistake(map), "") << map;
  EXPECT_EQ(count(map, "<rect"), 6u);
  const std::string both =
      side_by_side({Plot("a").per_epoch("", {1, 2}), Plot("b").histogram("h", {1, 2, 2, 3}, 4)});
  EXPECT_EQ(xml_mistake(both), "") << both;
  EXPECT_EQ(both.find("width=\"960\""), both.find("width=\""));
}

TEST(Plot, GivesTheSameBytesAgain) {
  const auto draw = [] { return Plot("twice").per_epoch("a", {3, 1, 2}).scatter("b", {1, 2}, {2, 1}).svg(); };
  EXPECT_EQ(draw(), draw());
}

TEST(Plot, DrawsDegenerateData) {
  for (const bool log : {false, true})
    for (const std::vector<double>& y : std::vector<std::vector<double>>{
             {5}, {7, 7, 7}, {1e-300, 1e-300}, {1e20, 1e20 + 1e5}, {1e140, 3}, {1e-140, 3}}) {
      const std::string svg = Plot("d").per_epoch("", y).y_axis({.log = log}).svg();
      EXPECT_EQ(xml_mistake(svg), "");
      EXPECT_EQ(svg.find("nan"), std::string::npos) << svg;
      EXPECT_EQ(svg.find("inf"), std::string::npos) << svg;
    }
  EXPECT_EQ(count(Plot().per_epoch("", {5}).svg(), "<circle"), 1u);  // a line of one point would be invisible
  EXPECT_EQ(count(Plot().per_epoch("", {1, 2}).svg(), "<circle"), 0u);
  EXPECT_EQ(xml_mistake(Plot().per_epoch("", {0, 0}).svg()), "");
  EXPECT_EQ(xml_mistake(Plot().histogram("h", {4, 4, 4}).svg()), "");
  EXPECT_EQ(xml_mistake(Plot().heat_map({3, 3}, 2).svg()), "");
}

TEST(Plot, LeavesOutWhatAnAxisCannotShowAndSaysSo) {
  const std::string gap = Plot().per_epoch("", {1, 2, kNaN, 4, kInf, 6, 7}).svg();
  EXPECT_NE(gap.find("2 values left out: not finite<"), std::string::npos) << gap;
  EXPECT_EQ(count(gap, "<circle"), 1u) << gap;  // the 4 stands alone
  const std::string log = Plot().per_epoch("", {1, 0, 10}).y_axis({.log = true}).svg();
  EXPECT_NE(log.find("1 value left out: not finite, or not positive on a logarithmic axis<"),
            std::string::npos);
  EXPECT_EQ(Plot().per_epoch("", {1, 0, 10}).svg().find("left out"), std::string::npos);
  EXPECT_NE(Plot().heat_map({1, kNaN}, 2).svg().find("1 value left out"), std::string::npos);
}

TEST(Plot, RefusesNothingAndWrongLengths) {
  EXPECT_THROW(Plot("empty").svg(), Error);
  EXPECT_THROW(Plot().per_epoch("", {}).svg(), Error);
  EXPECT_THROW(Plot().per_epoch("", {kNaN, kInf}).svg(), Error);
  EXPECT_THROW(Plot().per_epoch("", {-1, 0}).y_axis({.log = true}).svg(), Error);
  EXPECT_THROW(Plot().line("", {1, 2}, {1}), Error);
  EXPECT_THROW(Plot().band("", {1, 2}, {1, 2}, {1}), Error);
  EXPECT_THROW(Plot().bars("", {"a"}, {1, 2}), Error);
  EXPECT_THROW(Plot().bars("", {"a"}, {1}).bars("", {"b"}, {1}), Error);
  EXPECT_THROW(Plot().histogram("", {}), Error);
  EXPECT_THROW(Plot().histogram("", {1}, 0), Error);
  EXPECT_THROW(Plot().heat_map({1, 2, 3}, 2), Error);
  EXPECT_THROW(Plot().heat_map({}, 0), Error);
  EXPECT_THROW(Plot("small").per_epoch("", {1, 2}).size(30, 30).svg(), Error);
  EXPECT_THROW(side_by_side({}), Error);
}

}  // namespace
}  // namespace folio
