// Files of Keras with layers that take texts or look numbers up (golden/make_texts.py; keras2_*: of tf-keras
// 2.16), and Folio's own.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "folio/base/file.h"
#include "folio/base/zip.h"
#include "folio/data/npy.h"
#include "folio/data/text/text_files.h"
#include "folio/folio.h"
#include "folio/formats/keras_config.h"
#include "folio/formats/keras_model.h"
#include "folio/layers/preprocessing/text_input.h"
#include "folio/recipes/raw_data.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, "texts/" + name); }

void expect_near(const Tensor& got, const Tensor& expected) {
  ASSERT_EQ(got.shape(), expected.shape());
  for (int64_t i = 0; i < got.count(); ++i) ASSERT_NEAR(got.at(i), expected.at(i), 2e-6) << "element " << i;
}

// The lines that a model of make_texts.py was asked.
std::vector<std::string> lines_for(const std::string& name) {
  if (name.starts_with("keras2_")) return read_lines(golden(name + ".txt"));
  const bool tokens = name == "lookup" || name == "one_hot" || name.starts_with("pair");
  std::vector<std::string> lines = read_lines(golden(tokens ? "tokens.txt" : "lines.txt"));
  if (name.starts_with("pair")) lines.emplace_back("cat");
  return lines;
}

Tensor answer(const Model& model, const std::string& name) {
  const TextInputBody* texts = text_input_of(model);
  return model.predict(texts ? texts->transform(lines_for(name)) : read_npy(golden(name + ".x.npy")), 4);
}

std::string config_in(const std::string& path) {
  const auto bytes = ZipReader(path).read("config.json", 1 << 24);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class TextFiles : public testing::TestWithParam<std::string> {};

TEST_P(TextFiles, GiveKerasAnswers) {
  const std::string& name = GetParam();
  const Model model = Model::load(golden(name + ".keras"));
  const Tensor y = read_npy(golden(name + ".y.npy"));
  expect_near(answer(model, name), y);
  const TemporaryFolder folder;
  const char* kept = std::getenv("FOLIO_KERAS_FOLDER");  // for golden/texts_open.py
  if (kept) {
    model.save(std::string(kept) + "/" + name + ".keras");
    write_npy(std::string(kept) + "/" + name + ".y.npy", y);
  }
  for (const std::string file : {"again.keras", "again.h5"}) {
    model.save(folder / file);
    const Model again = Model::load(folder / file);
    expect_near(answer(again, name), y);
    again.save(folder / ("once more " + file));
    if (file.ends_with(".keras")) {
      EXPECT_EQ(config_in(folder / file), config_in(folder / ("once more " + file)));
      EXPECT_EQ(config_in(folder / file).find("\"dtype\": \"string\"") != std::string::npos,
                text_input_of(model) != nullptr);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(All, TextFiles,
                         testing::Values("words", "letters", "stripped", "whole", "longest", "hot", "counts",
                                         "tf_idf", "given", "nested", "lookup", "one_hot", "pairs",
                                         "pair_numbers", "integers", "integers_masked", "integers_hot",
                                         "integers_one", "integers_count", "integers_tf_idf", "integers_back",
                                         "keras2_words", "keras2_letters"));

TEST(TextFilesOfFolio, AreTrainedAndGoOn) {
  const std::vector<std::string> lines = read_lines(golden("lines.txt"));
  const TextVectorization words({.output_sequence_length = 4, .name = "words"});
  words.adapt(lines);
  const Sequential model({words.begin("texts"), words, Embedding(40, 2), GlobalAveragePooling1D(),
                          Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy"});
  Tensor y({static_cast<int64_t>(lines.size()), 1});
  for (int64_t i = 0; i < y.count(); ++i) y.set(i, i % 2);
  const Tensor x = words.transform(lines);
  model.fit({x, y}, {.epochs = 2, .verbose = 0});
  const TemporaryFolder folder;
  model.save(folder / "model.keras");
  const Model again = Model::load(folder / "model.keras");
  const TextInputBody* layer = text_input_of(again);
  ASSERT_TRUE(layer);
  EXPECT_EQ(layer->name(), "words");
  const Tensor x_again = layer->transform(lines);
  for (int64_t i = 0; i < x.count(); ++i) ASSERT_EQ(x_again.at(i), x.at(i));
  EXPECT_EQ(again.fit({x_again, y}, {.epochs = 1, .verbose = 0})["loss"],
            model.fit({x, y}, {.epochs = 1, .verbose = 0})["loss"]);
  // A vocabulary of a layer that was read stays as it is.
  EXPECT_NE(error_of([&] {
              const Layer read = again.layer("words");
              static_cast<const TextVectorization&>(read).adapt({"new"});
            }).find("was given a vocabulary"),
            std::string::npos);
}

TEST(TextFilesOfFolio, NeedTextsAtTheFront) {
  const TextVectorization words({.output_sequence_length = 3, .vocabulary = {"a"}, .name = "words"});
  const Value x = Input({3});
  const Model model(x, Embedding(4, 2)(words(Dense(3)(x))));
  const TemporaryFolder folder;
  EXPECT_EQ(
      error_of([&] { model.save(folder / "model.keras"); }),
      "TextVectorization \"words\": cannot be saved, because it takes texts and does not stand behind an "
      "input of the model; begin the model with it");
}

Json layer_of(const std::string& name, const std::string& class_name, Json config, const std::string& from) {
  config["name"] = name;
  Json nodes = Json::array();
  if (!from.empty())
    nodes.push_back(
        {{"args", {{{"class_name", "__keras_tensor__"}, {"config", {{"keras_history", {from, 0, 0}}}}}}},
         {"kwargs", Json::object()}});
  return {{"module", "keras.layers"},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr},
          {"name", name},
          {"inbound_nodes", nodes}};
}

std::string refused(const std::vector<Json>& layers) {
  const Json config = {{"module", "keras"},
                       {"class_name", "Functional"},
                       {"config",
                        {{"name", "m"},
                         {"layers", layers},
                         {"input_layers", {{layers[0]["name"], 0, 0}}},
                         {"output_layers", {{layers.back()["name"], 0, 0}}}}},
                       {"registered_name", "Functional"}};
  const NestedModel none = [](LoadedModel) { return Layer(); };
  return error_of([&] { read_keras_config(config, "m", none); });
}

TEST(TextFiles, RefuseTextsWhereNoTensorHoldsThem) {
  const Json texts =
      layer_of("texts", "InputLayer", {{"batch_shape", {nullptr, 1}}, {"dtype", "string"}}, "");
  const Json numbers = layer_of("x", "InputLayer", {{"batch_shape", {nullptr, 1}}, {"dtype", "float32"}}, "");
  const Json given = {{"vocabulary", {"a", "b"}}};
  const std::string cure =
      "expected a layer of numbers, or one TextVectorization or StringLookup behind an input of texts (dtype "
      "string); no tensor of Folio holds texts, look them up before the model";
  EXPECT_EQ(refused({texts, layer_of("d", "Dense", {{"units", 1}}, "texts")}),
            "m: layers[1] (Dense \"d\"): " + cure);
  EXPECT_EQ(refused({numbers, layer_of("s", "StringLookup", given, "x")}),
            "m: layers[1] (StringLookup \"s\"): " + cure);
  EXPECT_EQ(refused({texts, layer_of("s", "StringLookup", given, "texts"),
                     layer_of("t", "StringLookup", given, "texts")}),
            "m: layers[2] (StringLookup \"t\"): " + cure);
  EXPECT_NE(
      refused({texts, layer_of("s", "StringLookup", {{"vocabulary", {"a"}}, {"invert", true}}, "texts")})
          .find("gives texts (invert), which no tensor holds"),
      std::string::npos);
  EXPECT_NE(refused({texts, layer_of("s", "TextVectorization", {{"output_mode", "count"}}, "texts")})
                .find("expected a vocabulary, got none"),
            std::string::npos);
  EXPECT_NE(refused({texts, layer_of("s", "TextVectorization", {{"ragged", true}}, "texts")})
                .find("ragged: true is not supported"),
            std::string::npos);
  EXPECT_NE(
      refused({texts, layer_of("s", "TextVectorization",
                               {{"standardize", {{"class_name", "function"}, {"config", "f"}}}}, "texts")})
          .find("got a function of Python"),
      std::string::npos);
}

TEST(TextFiles, ModelsOfTextsAndOtherThingsTakeArrays) {
  const StringLookup words({.vocabulary = {"a", "b"}, .name = "words"});
  const Value texts = words.begin(1, "texts"), x = Input({1});
  const Model model({texts, x}, {Concatenate()({Flatten()(Embedding(4, 2)(words(texts))), x})});
  const TemporaryFolder folder;
  model.save(folder / "model.keras");
  const Model again = Model::load(folder / "model.keras");
  EXPECT_EQ(
      error_of([&] { text_input_of(again); }),
      "StringLookup \"words\" takes texts beside other inputs: expected arrays for all of them, with what "
      "the layer makes of the texts");
  const std::vector<Tensor> given = {words.transform({"b", "c"}), Tensor({2, 1})};
  expect_near(again.predict(given)[0], model.predict(given)[0]);
}

}  // namespace
}  // namespace folio
