#include "folio/report/page.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/json.h"
#include "folio/report/comparison.h"
#include "folio/report/html.h"
#include "tests/report/sample_record.h"

namespace folio {
namespace {

size_t count(const std::string& text, const std::string& word) {
  size_t found = 0;
  for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

// The page without the two scripts and the licence, which are the same in every page.
std::string variable_part(const std::string& page) { return page.substr(0, page.find("<!--\n")); }

Json figures_of(const std::string& page) {
  const std::string head = "id=\"figures\">";
  const size_t from = page.find(head) + head.size();
  return Json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(ReportPage, ShowsEverything) {
  const std::string page = report_page(sample_record());
  for (const char* text : {"<h1>sample</h1>",
                           "half of the units are dead",
                           "try leaky_relu",
                           "1,234",
                           "a processor",
                           "avx2",
                           "Confusion matrix",
                           "ROC curves",
                           "Precision over recall",
                           "Calibration",
                           "Errors",
                           "Learning rate",
                           "1, 2, 3",
                           "data:image/png;base64,iVBORw0KGgo=",
                           "data:image/svg+xml;base64,",
                           "12.5 s",
                           "31.2 ms",
                           "ein &lt;Hund&gt;",
                           "one dog",
                           "where it looks",
                           "darker is more"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
  const Json figures = figures_of(page);
  EXPECT_EQ(figures.size(), 8u);
  EXPECT_EQ(count(page, "<canvas data-figure="), figures.size());
  EXPECT_EQ(count(page, "role=\"img\" aria-label=\""), figures.size());
  EXPECT_EQ(count(page, "<b>Figure "), 12u);  // besides: confusion matrix, mistakes, drawing, picture
  EXPECT_EQ(figures[2]["series"][1]["y"], Json({1.2, 0.9, 0.8, 0.95}));
  EXPECT_EQ(report_page(sample_record()), page);
}

TEST(ReportPage, ShowsEveryOutputAndLabelsThatMayHoldTogether) {
  RunRecord record = sample_record();
  record.classification[0].output = "left";
  ClassificationRecord labels = record.classification[0];
  labels.output = "right", labels.confusion.clear(), labels.samples = 110, labels.accuracy = 0.5;
  record.classification.push_back(labels);
  const std::string page = report_page(record);
  for (const char* text :
       {"id=\"classes\"", "id=\"classes-2\"", "id=\"ranking-2\"", "Classes of “left”", "Labels of “right”",
        "Of 110 samples (test data) 50", "have all of their labels right"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
  EXPECT_EQ(count(page, "class=\"confusion"),
            1u + count(report_page(sample_record()), "class=\"confusion") - 1u);
}

TEST(ReportPage, ShowsNumbersWithoutResults) {
  RunRecord record = sample_record();
  record.results.clear();
  EXPECT_NE(report_page(record).find("Predicted over true values"), std::string::npos);
  record.regression.clear();
  EXPECT_EQ(report_page(record).find("id=\"results\""), std::string::npos);
}

TEST(ReportPage, FetchesNothing) {
  const std::string page = variable_part(report_page(sample_record()));
  EXPECT_NE(
      page.find(
          "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-"),
      std::string::npos);
  for (const char* way : {"http://", "https://", "src=\"/", "url(", "@import", "<link", "srcset"})
    EXPECT_EQ(page.find(way), std::string::npos) << way;
}

TEST(ReportPage, TakesNamesForNamesOnly) {
  const std::string evil = "</script><img src=x onerror=alert(1)>\"'&\xff";
  RunRecord r = sample_record(evil);
  r.date = r.machine.cpu = r.machine.instruction_set = r.folio_version = evil;
  r.history[1].name = evil, r.history[3].name = "val_" + evil;
  r.settings = {{evil, evil}};
  r.model.name = r.model.layers[0].name = r.model.layers[0].class_name = r.model.layers[0].shape = evil;
  r.results[0].data = evil, r.results[0].values[0].first = evil;
  ClassificationRecord& c = r.classification[0];
  c.data = c.classes[0] = c.rows[0].name = c.averages[0].name = c.roc[0].name = c.precision_recall[0].name =
      evil;
  c.mistakes[0] = {1, evil, evil, 0.5, evil, evil};
  c.mistakes[1].picture = "data:image/png;base64,AAAA\" onerror=\"alert(1)";
  r.regression[0].name = evil;
  r.findings = {{evil, evil, evil}};
  r.examples = {{evil, evil, evil}};
  r.pictures = {{evil, evil, evil}};
  r = parse_record(record_json(r), "here");
  for (const std::string& page : {report_page(r), comparison_page({r, sample_record()})}) {
    EXPECT_EQ(count(page, "<img src=x"), 0u);
    EXPECT_EQ(count(page, "onerror=\"alert"), 0u);
    EXPECT_EQ(count(page, "</script>"), 3u);  // the numbers and the two scripts
    EXPECT_EQ(figures_of(page)[0]["series"].empty(), false);
    EXPECT_NE(page.find("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\xEF\xBF\xBD"),
              std::string::npos);
  }
}

TEST(ReportPage, DoesWithoutWhatIsNotKnown) {
  RunRecord record;
  EXPECT_NE(report_page(record).find("No verdict"), std::string::npos);
  record.classification.emplace_back().majority = 1;
  EXPECT_NE(report_page(record).find("No class occurs"), std::string::npos);
  record.history = {{"loss", {1, 1e-310}}, {"accuracy", {}}, {"val_accuracy", {1}}, {"learning_rate", {}}};
  EXPECT_EQ(figures_of(report_page(record)).size(), 2u);
  // Too many classes for a matrix: their commonest confusions.
  ClassificationRecord many;
  for (int i = 0; i < 120; ++i) {
    many.classes.push_back("c" + std::to_string(i));
    many.rows.push_back({many.classes.back(), 1, 1, 1, 1});
  }
  many.confusion.assign(120 * 120, 0), many.confusion[3] = 5;
  record.classification = {many};
  const std::string page = report_page(record);
  EXPECT_NE(page.find("The most frequent of the confusions among 120 classes"), std::string::npos);
  EXPECT_NE(page.find("The 100 worst of 120 classes"), std::string::npos);
}

TEST(ReportPage, WritesNumbersForPeople) {
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(-1234), "-1,234");
  EXPECT_EQ(count_text(-123), "-123");
  EXPECT_EQ(count_text(NAN), "–");
  EXPECT_EQ(number_text(0.123456), "0.1235");
  EXPECT_EQ(time_text(0.00312), "3.12 ms");
  EXPECT_EQ(time_text(125), "2 min 5 s");
  EXPECT_EQ(time_text(7500), "2 h 5 min");
  EXPECT_EQ(percent_text(0.9991), "99.91\u00A0%");
  EXPECT_EQ(percent_text(0.99999), "over 99.99\u00A0%");
  EXPECT_EQ(percent_text(1), "100.0\u00A0%");
}

TEST(Comparison, PutsRunsSideBySide) {
  RunRecord a = sample_record("a"), b = sample_record("a");
  b.settings[1].second = "0.2", b.results[1].values[1].second = 0.9, b.history[0].values.push_back(0.2),
  b.time.seconds = 0;
  const Comparison comparison({a, b});
  EXPECT_EQ(comparison.names, (std::vector<std::string>{"a", "a (2)"}));
  const std::string text = comparison.text();
  EXPECT_NE(text.find("0.79    0.9 *\n"), std::string::npos) << text;
  EXPECT_NE(text.find("learning_rate  0.1    0.2\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("recipe"), std::string::npos) << text;
  const Json json = Json::parse(comparison_json({a, b}));
  EXPECT_EQ(json["runs"][1]["results"]["test accuracy"], 0.9);
  EXPECT_EQ(json["runs"][1]["results"]["epochs"], 5.0);
  EXPECT_EQ(json["runs"][1]["results"]["seconds"], Json());
  EXPECT_EQ(json["runs"][0]["settings"]["learning_rate"], "0.1");
  const std::string page = comparison_page({a, b});
  EXPECT_EQ(figures_of(page).size(), 3u);
  EXPECT_NE(page.find("a (2)"), std::string::npos);
  EXPECT_THROW(comparison_page({a}), Error);
}

}  // namespace
}  // namespace folio
