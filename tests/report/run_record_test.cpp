#include "folio/report/run_record.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "tests/base/files_for_tests.h"
#include "tests/report/sample_record.h"

namespace folio {
namespace {

std::string message(const std::string& json) {
  try {
    parse_record(json, "here");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RunRecord, ComesBackFromItsFile) {
  RunRecord record = sample_record();
  record.history[0].values[1] = std::numeric_limits<double>::quiet_NaN();
  const std::string json = record_json(record);
  const RunRecord back = parse_record(json, "here");
  EXPECT_EQ(record_json(back), json);
  EXPECT_TRUE(std::isnan(back.history[0].values[1]));
  EXPECT_EQ(back.classification[0].mistakes[1].text, "1, 2, 3");
  EXPECT_EQ(back.results[1].values[0].second, 0.81);
  EXPECT_EQ(epochs_of(back), 4u);
  EXPECT_EQ(find_series(back, "none"), nullptr);
}

TEST(RunRecord, KeepsNamesThatAreNoUtf8OutOfTheFile) {
  RunRecord record = sample_record("caf\xe9");
  EXPECT_EQ(parse_record(record_json(record), "here").name, "caf\xEF\xBF\xBD");
}

TEST(RunRecord, RefusesDamagedFiles) {
  const std::string good = record_json(sample_record());
  EXPECT_EQ(message(good), "");
  EXPECT_NE(message(good.substr(0, good.size() / 2)).find("here: expected a JSON object"), std::string::npos);
  EXPECT_NE(message("[]").find("here"), std::string::npos);
  EXPECT_NE(message("{}").find("expected the record of a run"), std::string::npos);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  EXPECT_NE(message(changed("\"version\":1", "\"version\":2")).find("newer version"), std::string::npos);
  EXPECT_NE(message(changed("\"confusion\":[90.0,", "\"confusion\":[")).find("do not fit together"),
            std::string::npos);
  EXPECT_NE(
      message(changed("\"area\":0.75", "\"area\":\"x\"")).find("here: classification[0]: roc[0]: area: "),
      std::string::npos);
  EXPECT_NE(message(changed("\"params\":1234", "\"params\":12.5")).find("here: model: layers[0]: params: "),
            std::string::npos);
  EXPECT_NE(message(changed("\"residual_edges\":[", "\"residual_edges\":[0,")).find("residuals"),
            std::string::npos);
  EXPECT_NE(message(changed("\"truth\":[", "\"truth\":[0,")).find("targets"), std::string::npos);
}

TEST(RunRecord, ReadsWhatAnInterruptedRunHasLeft) {
  const TemporaryFolder folder;
  EXPECT_THROW(read_record(folder.path() + "/none"), Error);
  try {
    read_record(folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("expected the folder of a run"), std::string::npos)
        << error.what();
  }
  write_file_atomically(folder.path() + "/history.json", R"({"loss": [2, 1], "val_loss": [3, null]})");
  write_file_atomically(folder.path() + "/settings.json",
                        R"({"recipe": "mlp", "seed": 3, "none": "", "settings": {"hidden": "4"}})");
  const RunRecord record = read_record(folder.path() + "/");
  EXPECT_FALSE(record.finished);
  EXPECT_EQ(record.name, folder.path().substr(folder.path().rfind('/') + 1));
  ASSERT_EQ(record.settings.size(), 3u);
  EXPECT_EQ(record.settings[2].second, "hidden=4");
  EXPECT_TRUE(std::isnan(record.history[1].values[1]));
  write_file_atomically(folder.path() + "/history.json", R"({"loss": ["a"]})");
  EXPECT_THROW(read_record(folder.path()), Error);
}

TEST(RunRecord, KnowsWhichWayIsBetter) {
  RunRecord record = sample_record();
  EXPECT_EQ(direction_of(record, "val_accuracy"), 1) << "an older record: by the catalogue";
  EXPECT_EQ(direction_of(record, "sensor2_mae"), -1);
  EXPECT_EQ(direction_of(record, "learning_rate"), 0);
  record.directions = {{"prc", 1}, {"sensor2", -1}};
  const RunRecord back = parse_record(record_json(record), "here");
  EXPECT_EQ(direction_of(back, "val_prc"), 1);
  EXPECT_EQ(direction_of(back, "sensor2"), -1);
  EXPECT_EQ(direction_of(back, "accuracy"), 0);
}

}  // namespace
}  // namespace folio
