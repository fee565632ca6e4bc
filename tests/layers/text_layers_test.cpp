// Layers that look texts and numbers up; with the numbers of real Keras in formats/keras_texts_test.cpp.
#include <gtest/gtest.h>

#include <cmath>

#include "folio/layers/preprocessing/integer_lookup.h"
#include "folio/layers/preprocessing/text_vectorization.h"
#include "tests/base/files_for_tests.h"
#include "tests/layers/layer_check.h"

namespace folio {
namespace {

using Words = std::vector<std::string>;
using Ints = std::vector<int32_t>;

Ints ints(const Tensor& tensor) {
  Ints values;
  for (int64_t i = 0; i < tensor.count(); ++i) values.push_back(static_cast<int32_t>(tensor.at(i)));
  return values;
}

TEST(TextVectorizationLayer, LearnsInKerasOrder) {
  const TextVectorization layer({.output_sequence_length = 4});
  layer.adapt({"b a c", "The, the the!", "c a"});
  // By how often they come, among equals those that sort last.
  EXPECT_EQ(layer.get_vocabulary(), (Words{"", "[UNK]", "the", "c", "a", "b"}));
  EXPECT_EQ(ints(layer.transform({"a THE, zebra", "", "b b b b b"})),
            (Ints{4, 2, 1, 0, 0, 0, 0, 0, 5, 5, 5, 5}));
  const TextVectorization few({.max_tokens = 4});
  few.adapt({"b a c", "The, the the!", "c a"});
  EXPECT_EQ(few.get_vocabulary(), (Words{"", "[UNK]", "the", "c"}));
  // Adapted once more it begins anew.
  few.adapt({"z"});
  EXPECT_EQ(few.get_vocabulary(), (Words{"", "[UNK]", "z"}));
}

TEST(TextVectorizationLayer, StandardizesAndSplits) {
  const auto learnt = [](TextVectorizationOptions options, const Words& texts) {
    const TextVectorization layer(std::move(options));
    layer.adapt(texts);
    const Words all = layer.get_vocabulary();
    return Words(all.begin() + 2, all.end());
  };
  const Words text = {"Don't  STOP\tÉa"};
  EXPECT_EQ(learnt({}, text), (Words{"Éa", "stop", "dont"}));
  EXPECT_EQ(learnt({.standardize = "lower"}, text), (Words{"Éa", "stop", "don't"}));
  EXPECT_EQ(learnt({.standardize = "strip_punctuation"}, text), (Words{"Éa", "STOP", "Dont"}));
  EXPECT_EQ(learnt({.standardize = {}}, text), (Words{"Éa", "STOP", "Don't"}));
  EXPECT_EQ(learnt({.standardize = {}, .split = {}}, text), text);
  EXPECT_EQ(learnt({.split = "character"}, {"Éab\xff"}), (Words{"\xEF\xBF\xBD", "É", "b", "a"}));
  EXPECT_EQ(learnt({.ngrams = {1, 3}}, {"a b c d"}), (Words{"d", "c", "b c d", "b", "a b c", "a"}));
  EXPECT_EQ(learnt({.ngrams = {2}}, {"a b c d", "e"}), (Words{"c d", "b c", "a b"}));
}

TEST(TextVectorizationLayer, Counts) {
  const Words texts = {"a b a z", ""};
  const auto counted = [&](const std::string& mode, bool padded = false) {
    const TextVectorization layer(
        {.max_tokens = padded ? 5 : 0,
         .output_mode = mode,
         .pad_to_max_tokens = padded,
         .vocabulary = {"a", "b"},
         .idf_weights = mode == "tf_idf" ? std::vector<double>{0.5, 2} : std::vector<double>()});
    return list(layer.transform(texts));
  };
  EXPECT_EQ(counted("multi_hot"), (std::vector<float>{1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(counted("count"), (std::vector<float>{1, 2, 1, 0, 0, 0}));
  EXPECT_EQ(counted("count", true), (std::vector<float>{1, 2, 1, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(counted("tf_idf"), (std::vector<float>{1.25, 1, 2, 0, 0, 0}));
  const TextVectorization learnt({.output_mode = "tf_idf"});
  learnt.adapt({"a b", "a a", "c"});
  const float a = static_cast<float>(std::log(1 + 3 / 3.0)), once = static_cast<float>(std::log(1 + 3 / 2.0));
  EXPECT_EQ(learnt.get_vocabulary(), (Words{"[UNK]", "a", "c", "b"}));
  const auto got = list(learnt.transform({"a b c z"}));
  EXPECT_FLOAT_EQ(got[0], (a + 2 * once) / 3);
  EXPECT_FLOAT_EQ(got[1], a);
  EXPECT_FLOAT_EQ(got[2], once);
}

TEST(TextVectorizationLayer, ExplainsMisfits) {
  EXPECT_EQ(error_of([] { TextVectorization({.name = "t"}).transform({"a"}); }),
            "TextVectorization \"t\": expected a vocabulary, got none; adapt the layer, or save the model of "
            "Keras as "
            ".keras, because .h5 leaves it out");
  EXPECT_EQ(error_of([] {
              TextVectorization({.name = "t"}).adapt({" . ", ""});
            }),
            "TextVectorization \"t\": adapt: expected tokens to learn from, got none in 2 documents");
  EXPECT_EQ(error_of([] {
              TextVectorization({.vocabulary = {"a", "b", "a"}});
            }),
            "TextVectorization: vocabulary: expected every token once, got \"a\" again");
  EXPECT_EQ(error_of([] {
              TextVectorization({.vocabulary = {"a", ""}});
            }),
            "TextVectorization: vocabulary: expected the mask token \"\" in front or not at all");
  EXPECT_EQ(error_of([] {
              TextVectorization({.max_tokens = 3, .vocabulary = {"a", "b"}});
            }),
            "TextVectorization: vocabulary: expected at most 1 tokens, as max_tokens has it, got 2");
  EXPECT_EQ(error_of([] { TextVectorization({.max_tokens = 2}); }),
            "TextVectorization: max_tokens: expected more than the 2 numbers of mask and unknown, got 2");
  EXPECT_EQ(error_of([] { TextVectorization({.output_mode = "count", .pad_to_max_tokens = true}); }),
            "TextVectorization: pad_to_max_tokens: expected max_tokens too, got none; give it");
  EXPECT_EQ(error_of([] { TextVectorization({.output_mode = "count", .output_sequence_length = 3}); }),
            "TextVectorization: output_sequence_length: expected none unless output_mode is int, got 3");
  EXPECT_NE(error_of([] {
              TextVectorization({.output_mode = "tf_idf", .vocabulary = {"a"}, .idf_weights = {1, 2}});
            }).find("idf_weights: expected one for each of the 1 entries"),
            std::string::npos);
  EXPECT_EQ(
      error_of([] {
        TextVectorization({.output_sequence_length = 3, .vocabulary = {"a"}, .name = "t"})(
            input({kUnknown, 4}));
      }),
      "TextVectorization \"t\": takes texts, and a model begins with what it makes of them, int32 (None, 3), "
      "got (None, 4); begin the model with it");
}

TEST(StringLookupLayer, HasNumbersForUnknownAndMask) {
  // Keras' list may begin with the tokens of its own.
  for (const Words& vocabulary : {Words{"a", "b"}, Words{"", "[UNK]", "[UNK]", "a", "b"}}) {
    const StringLookup layer({.num_oov_indices = 2, .mask_token = "", .vocabulary = vocabulary});
    EXPECT_EQ(layer.get_vocabulary(), (Words{"", "[UNK]", "[UNK]", "a", "b"}));
    const Ints got = ints(layer.transform({"b", "", "a", "x", "other"}));
    EXPECT_EQ(Ints(got.begin(), got.begin() + 3), (Ints{4, 0, 3}));
    for (size_t i = 3; i < 5; ++i) EXPECT_TRUE(got[i] == 1 || got[i] == 2);
  }
  const StringLookup known({.num_oov_indices = 0, .vocabulary = {"a"}, .name = "s"});
  EXPECT_EQ(error_of([&] {
              known.transform({"a", "z"});
            }),
            "StringLookup \"s\": expected tokens of the vocabulary, got \"z\"; num_oov_indices = 1 has a "
            "number for "
            "all others");
  const StringLookup back({.mask_token = "-", .vocabulary = {"a", "b"}, .invert = true});
  EXPECT_EQ(back.words(Tensor::of<int32_t>({5}, {3, 2, 1, 0, 9})), (Words{"b", "a", "[UNK]", "-", "[UNK]"}));
}

TEST(IntegerLookupLayer, FindsEveryNumber) {
  const auto found = [](IntegerLookupOptions options, const std::vector<int64_t>& x) {
    const auto rows = static_cast<int64_t>(x.size());
    return ints(run_layer(IntegerLookup(std::move(options)), {Tensor::of<int64_t>({rows, 1}, x)}));
  };
  const int64_t large = int64_t{1} << 60;
  const std::vector<int64_t> vocabulary = {5, -3, large, 0, large + 1};
  for (size_t n = 1; n <= vocabulary.size(); ++n) {
    const std::vector<int64_t> some(vocabulary.begin(), vocabulary.begin() + static_cast<std::ptrdiff_t>(n));
    const Ints got = found({.vocabulary = some}, {5, -3, large, 0, large + 1, 6, large - 1, -large});
    for (size_t i = 0; i < 5; ++i)
      EXPECT_EQ(got[i], i < n ? static_cast<int32_t>(i) + 1 : 0) << n << " " << i;
    EXPECT_EQ(Ints(got.begin() + 5, got.end()), (Ints{0, 0, 0})) << n;
  }
  EXPECT_EQ(
      found({.num_oov_indices = 3, .mask_token = 9, .vocabulary = {5}}, {9, 5, 7, -1, 6, 3 * large + 2}),
      (Ints{0, 4, 2, 3, 1, 3}));
  EXPECT_EQ(found({.num_oov_indices = 0, .vocabulary = {5}}, {5, 6}), (Ints{0, -1}));
  EXPECT_EQ(found({.vocabulary = {5, -3}, .invert = true}, {0, 1, 2, 3, -1}), (Ints{-1, 5, -3, -1, -1}));
  const IntegerLookup learnt;
  learnt.adapt(Tensor::of<int64_t>({2, 3}, {4, 7, 4, 9, 7, -1}));
  EXPECT_EQ(learnt.get_vocabulary(), (std::vector<int64_t>{-1, 7, 4, 9}));
}

}  // namespace
}  // namespace folio
