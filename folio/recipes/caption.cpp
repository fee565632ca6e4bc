#include "folio/recipes/caption.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "folio/analysis/translation_scores.h"
#include "folio/base/error.h"
#include "folio/base/utf8.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/reshaping/reshape.h"
#include "folio/models/caption_decoder.h"
#include "folio/models/trainer.h"
#include "folio/ops/gather.h"
#include "folio/pictures/contact_sheet.h"
#include "folio/pictures/resize.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/transfer.h"
#include "folio/recipes/translation.h"
#include "folio/report/png.h"

namespace folio {
namespace {

constexpr const char *kEncoder = "encoder", *kDecoder = "decoder";

Model part_of(const Model& model, const char* name) {
  const auto body = std::dynamic_pointer_cast<ModelBody>(model.get_layer(name).handle());
  if (!body)
    throw Error(
        fmt::format("model \"{}\": expected a model as its layer \"{}\", got another layer; the file "
                    "is damaged",
                    model.name(), name));
  return Model(body);
}

/// Rows of a table that is kept beside the model: no weight of it, so that no file holds it.
class PictureTableBody final : public LayerBody {
 public:
  explicit PictureTableBody(const Tensor& rows) : rows_("pictures", rows, false) {}
  std::string class_name() const override { return "PictureTable"; }
  Values call(const LayerCall& call, Effects&) override { return {gather(rows_, call.input())}; }

 private:
  Parameter rows_;
};

// The words of a caption for which a picture is shown, by their places in it: the longer ones.
std::vector<size_t> words_to_show(const std::vector<std::string>& words) {
  constexpr size_t kMost = 6, kLeast = 3;
  std::vector<size_t> places;
  for (size_t i = 0; i < words.size(); ++i)
    if (count_characters(words[i]) > kLeast) places.push_back(i);
  std::stable_sort(places.begin(), places.end(),
                   [&](size_t a, size_t b) { return words[a].size() > words[b].size(); });
  places.resize(std::min(kMost, places.size()));
  std::sort(places.begin(), places.end());
  return places;
}

// The picture, dark where the weights of its places are small beside the largest.
Tensor lit(const Tensor& picture, const Tensor& weights) {
  constexpr double kDark = 0.25;
  const int64_t height = picture.shape()[0], width = picture.shape()[1], channels = picture.shape()[2];
  const Tensor light = resize(weights, height, width);
  double most = 1e-9;
  for (int64_t i = 0; i < light.count(); ++i) most = std::max(most, light.at(i));
  Tensor result(picture.shape(), DType::float32);
  for (int64_t i = 0; i < picture.count(); ++i)
    result.set(i, picture.at(i) * (kDark + (1 - kDark) * light.at(i / channels) / most));
  return rounded(result);
}

}  // namespace

std::vector<Setting> caption_settings() {
  constexpr Range kUnits = {1, 100'000, true};
  std::vector<Setting> settings = {
      {"decoder", "gru", "gru or lstm: what says the words"},
      {"units", "128", "of the decoder", kUnits},
      {"embedding", "64", "numbers that stand for a word; with vectors those of the file", kUnits},
      {"vectors", "", "a file of word vectors (.txt, .vec, .bin), or a model of embeddings, to begin with"},
      {"dropout", "0.4", "of the picture's features, of the words, and before the last layer", kShares},
      {"smoothing", "0",
       "label smoothing: what the right word does not get of the target; early ends get it, too", kShares},
      {"unit", "word", "subword, word or character: what is said at a time"},
      {"vocabulary", "0", "most words; 0: all", {0, 1e7, true}},
      {"least", "3", "times that a word comes in training; others are not known", {1, 1e9, true}},
      {"lower", "no", "yes or no: lower case"},
      {"length", "0", "words of a caption at most, with its end; 0: those of the longest", {0, 1e5, true}},
      {"beam", "4", "captions that are followed to find the likeliest", {1, 1000, true}},
      {"penalty", "0.6", "of short captions in the search; 0: none", {0, 10}},
      {"validation", "0.1", "share of the pictures that are not divided that early stopping watches",
       kShares},
      {"test", "0.1", "share kept for the final test", kShares}};
  const std::set<std::string> of_the_base = {"base", "cut", "subtract", "divide", "size", "fit"};
  for (const Setting& setting : transfer_settings())
    if (of_the_base.count(setting.key)) settings.push_back(setting);
  for (Setting& setting : settings)
    if (setting.key == "cut") setting.what = "the layer whose maps are looked at; auto: the last";
  return settings;
}

Model caption_network(const RecipeTask& task, const Settings& settings) {
  const auto whole = [&](const char* key) { return static_cast<int64_t>(settings.number(key)); };
  const Model encoder = picture_encoder(settings, task.input);
  const Shape& map = encoder.outputs()[0].shape();
  const bool given = task.word_vectors.raw() != nullptr;
  const Model decoder =
      caption_decoder({map[1], map[2], task.classes, task.target_steps},
                      {.cell = settings.choice("decoder", {"gru", "lstm"}),
                       .embedding = given ? task.word_vectors.shape()[1] : whole("embedding"),
                       .units = whole("units"),
                       .dropout = settings.number("dropout"),
                       .word_vectors = task.word_vectors});
  const Value picture = Input(task.input, {.name = "picture"});
  const Value words = Input({task.target_steps}, {.dtype = DType::int32, .name = "words"});
  return {{picture, words}, {decoder({encoder(picture), words})}, "caption"};
}

Model caption_learner(const Model& model, const RecipeData& data) {
  const Model decoder = part_of(model, kDecoder);
  const Tensor& places = data.captions->places;
  const Value number = Input({1}, {.dtype = DType::int32, .name = "number"});
  const Value words = Input(decoder.inputs()[1].shape().from(1), {.dtype = DType::int32, .name = "words"});
  const Value row = Layer(make_body<PictureTableBody>("pictures", false, places))(number);
  return {{number, words}, {decoder({Reshape(places.shape().from(1))(row), words})}, "caption_learner"};
}

Captioner::Captioner(const Model& model, int64_t beam) : beam_(beam) {
  auto preparation = preparation_of<CaptionPreparation>(model);
  if (!preparation)
    throw Error("model \"" + model.name() +
                "\": expected one that was trained on pictures with captions, got one without " +
                CaptionPreparation::kAsset + "; train one with folio train caption");
  preparation_ = std::move(*preparation);
  encoder_ = part_of(model, kEncoder);
  model_ = part_of(model, kDecoder);
  const Values &in = model_.inputs(), &out = model_.outputs();
  const auto fits = [](const Value& value, const Shape& shape) { return value.shape().from(1) == shape; };
  if (in.size() != 2 || out.size() != 1 || encoder_.outputs().size() != 1 ||
      in[0].shape() != encoder_.outputs()[0].shape() || !fits(in[1], {preparation_.steps()}) ||
      !fits(out[0], {preparation_.steps(), preparation_.pieces().size()}))
    throw Error(fmt::format(
        "model \"{}\": expected a decoder of {} steps and {} words, as its {} says; the "
        "file is damaged",
        model.name(), preparation_.steps(), preparation_.pieces().size(), CaptionPreparation::kAsset));
  decoder_ = std::make_unique<CachedDecoder>(model_, CachedDecoderOptions{.batch = beam});
}

std::string Captioner::operator()(const Tensor& places) {
  const Shape row = model_.inputs()[0].shape().with(0, 1);
  Tensor copies(row.with(0, beam_));
  for (int64_t i = 0; i < beam_; ++i) copies.rows(i, i + 1).assign(places.reshaped(row));
  decoder_->begin({copies});
  const auto captions = beam_search(*decoder_, Pieces::kBegin,
                                    {.beam = beam_,
                                     .longest = preparation_.steps(),
                                     .end = Pieces::kEnd,
                                     .penalty = LengthPenalty::gnmt,
                                     .alpha = preparation_.options().penalty,
                                     .never = {Pieces::kPadding, Pieces::kUnknown, Pieces::kBegin}});
  return captions.empty() ? "" : preparation_.pieces().text(captions[0].tokens);
}

std::vector<std::string> Captioner::captions(const Tensor& pictures) {
  std::vector<std::string> said;
  encoder_.predict(
      Data({pictures}, std::vector<Tensor>()),
      [&](const std::vector<Tensor>& outputs, int64_t) {
        for (int64_t i = 0; i < outputs[0].shape()[0]; ++i)
          said.push_back((*this)(outputs[0].rows(i, i + 1)));
      },
      16);
  return said;
}

Logs caption_scores(const std::vector<std::string>& said, const std::vector<CaptionedPicture>& pictures) {
  std::vector<std::vector<std::string>> wanted;
  for (const CaptionedPicture& picture : pictures) wanted.push_back(picture.captions);
  const std::set<std::string> different(said.begin(), said.end());
  return {{"bleu", bleu_of_several(said, wanted).bleu},
          {"distinct",
           said.empty() ? 0 : static_cast<double>(different.size()) / static_cast<double>(said.size())}};
}

Logs caption_scores(const Model& model, const CaptionRows& rows, int64_t beam) {
  Captioner captioner(model, beam);
  RecipeData data;
  data.captions = rows.set;
  const Model learner = caption_learner(model, data);
  learner.compile({.optimizer = "adam", .loss = sparse_categorical_crossentropy(false, Pieces::kPadding)});
  Logs logs = learner.evaluate(rows.data, 256);
  std::vector<std::string> said;
  for (int64_t i = 0; i < rows.set->places.shape()[0]; ++i)
    said.push_back(captioner(rows.set->places.rows(i, i + 1)));
  for (const auto& entry : caption_scores(said, rows.set->pictures)) logs.push_back(entry);
  return logs;
}

namespace {

// A picture, and beside it the same lit where the model looked for some of the words that it said.
PictureRecord looked(const Captioner& captioner, const Model& weights, const Tensor& picture,
                     const Tensor& places, const Shape& map, const std::string& said) {
  const Pieces& pieces = captioner.preparation().pieces();
  std::vector<std::string> words;
  for (const int32_t number : pieces.numbers(said))
    words.push_back(number < Pieces::kFirstPiece ? "?" : pieces.text(std::vector<int64_t>{number}));
  const Tensor all = weights.predict({places, captioner.preparation().given({said})}, 1)[0];
  std::vector<Tensor> sheet = {picture};
  std::vector<std::string> names;
  for (const size_t word : words_to_show(words)) {
    Tensor light({map[0], map[1], 1});
    for (int64_t i = 0; i < light.count(); ++i) light.set(i, all.at(0, static_cast<int64_t>(word), i));
    sheet.push_back(lit(picture, light));
    names.push_back(words[word]);
  }
  return {
      .title = shortened(said, 120),
      .reading = fmt::format("The picture, then the same with light where the model looked when it said: {}.",
                             fmt::join(names, ", ")),
      .picture = png_uri(contact_sheet({sheet}, 160))};
}

// Height and width of the encoder's map.
Shape map_of(const Model& model) {
  const Value map = part_of(model, kEncoder).outputs()[0];
  return map.node().inputs[0].shape().from(1);
}

}  // namespace

Shown show_captions(const Model& model, const RecipeData& data, const Settings& settings,
                    const std::string&) {
  constexpr int64_t kLooked = 4;
  Captioner captioner(model, static_cast<int64_t>(settings.number("beam")));
  const CaptionSet& set = *data.captions;
  const std::vector<CaptionedPicture> tested(set.pictures.begin() + static_cast<std::ptrdiff_t>(set.test),
                                             set.pictures.end());
  const Model weights = attention_weights(captioner.decoder());
  const Shape map = map_of(model);
  std::vector<std::string> said;
  Shown shown;
  for (size_t i = 0; i < tested.size(); ++i) {
    const auto number = static_cast<int64_t>(i);
    const Tensor places = set.places.rows(set.test + number, set.test + number + 1);
    said.push_back(captioner(places));
    if (number >= set.shown.shape()[0]) continue;
    shown.examples.push_back(
        {tested[i].name, said[i], fmt::format("{}", fmt::join(tested[i].captions, " / "))});
    const Tensor picture =
        with_channels(set.shown.rows(number, number + 1).reshaped(set.shown.shape().from(1)), 3);
    if (number < kLooked)
      shown.pictures.push_back(looked(captioner, weights, picture, places, map, said[i]));
    else
      shown.pictures.push_back({.title = shortened(said[i], 120),
                                .reading = "People said: " + shortened(tested[i].captions[0], 120),
                                .picture = png_uri(picture)});
  }
  shown.test = caption_scores(said, tested);
  return shown;
}

std::vector<Baseline> caption_baselines(const Recipe&, const RecipeData& data, const Settings&,
                                        const FitOptions&) {
  const CaptionSet& set = *data.captions;
  // The mean of each picture's places, of length 1: their products are cosines.
  const int64_t pictures = set.places.shape()[0], places = set.places.shape()[1],
                width = set.places.shape()[2];
  Tensor whole({pictures, width});
  for (int64_t p = 0; p < pictures; ++p) {
    float* row = whole.data<float>() + p * width;
    const float* from = set.places.data<float>() + p * places * width;
    for (int64_t i = 0; i < places * width; ++i) row[i % width] += from[i];
    double square = 1e-12;
    for (int64_t f = 0; f < width; ++f) square += static_cast<double>(row[f]) * static_cast<double>(row[f]);
    for (int64_t f = 0; f < width; ++f) row[f] /= static_cast<float>(std::sqrt(square));
  }
  std::vector<std::string> said;
  std::vector<CaptionedPicture> asked;
  for (int64_t p = set.test; p < pictures; ++p) {
    double best = -2;
    int64_t nearest = 0;
    for (int64_t t = 0; t < set.validation; ++t) {
      double product = 0;
      for (int64_t f = 0; f < width; ++f)
        product += static_cast<double>(whole.data<float>()[p * width + f]) *
                   static_cast<double>(whole.data<float>()[t * width + f]);
      if (product > best) best = product, nearest = t;
    }
    for (const std::string& caption : set.pictures[static_cast<size_t>(nearest)].captions) {
      said.push_back(caption);
      asked.push_back(set.pictures[static_cast<size_t>(p)]);
    }
  }
  return {{"the captions of the nearest picture", {caption_scores(said, asked)[0]}}};
}

}  // namespace folio
