#include "folio/recipes/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/base/utf8.h"
#include "folio/layers/attention/attention_body.h"
#include "folio/layers/attention/heads_body.h"
#include "folio/layers/core/function.h"
#include "folio/layers/trace.h"
#include "folio/models/seq2seq.h"
#include "folio/models/transformer/transformer.h"
#include "folio/recipes/raw_data.h"
#include "folio/report/plot.h"
#include "folio/report/png.h"

namespace folio {
namespace {

constexpr size_t kPictures = 3, kExamples = 10, kPictureTokens = 24;

// The pieces of a text with its end, for the axes of a picture.
std::vector<std::string> labels_of(const Pieces& pieces, const std::string& text, int64_t most) {
  std::vector<std::string> labels;
  for (const int32_t number : pieces.numbers(text))
    labels.push_back(number < Pieces::kFirstPiece ? "?" : pieces.piece(number));
  labels.resize(std::min(labels.size(), static_cast<size_t>(most) - 1));
  labels.emplace_back("end");
  return labels;
}

std::vector<PictureRecord> pictures_of(const Model& model, const PairPreparation& preparation,
                                       const TextPairs& said) {
  const Model weights = attention_weights(model);
  std::vector<PictureRecord> pictures;
  std::set<std::string> shown;
  for (size_t i = 0; i < said.sources.size() && pictures.size() < kPictures; ++i) {
    if (!shown.insert(said.sources[i]).second) continue;
    const auto columns = labels_of(preparation.source_pieces(), said.sources[i], preparation.source_steps());
    const auto rows = labels_of(preparation.target_pieces(), said.targets[i], preparation.target_steps());
    if (columns.size() > kPictureTokens || rows.size() > kPictureTokens) continue;
    const Data row = preparation.data({{said.sources[i]}, {said.targets[i]}});
    const Tensor all = weights.predict(row.x, 1)[0];
    std::vector<double> values;
    for (int64_t t = 0; t < static_cast<int64_t>(rows.size()); ++t)
      for (int64_t s = 0; s < static_cast<int64_t>(columns.size()); ++s) values.push_back(all.at(0, t, s));
    const auto side = [](size_t tokens) { return 130 + 22 * static_cast<double>(tokens); };
    Plot plot;
    plot.heat_map(values, static_cast<int64_t>(columns.size()),
                  {.row_labels = rows, .column_labels = columns, .low = 0, .high = 1})
        .size(side(columns.size()), side(rows.size()));
    pictures.push_back({.title = shortened(said.sources[i], 80),
                        .reading = "Each row is a token that is said; the darker a cell, the more of the "
                                   "source's token went into it.",
                        .picture = svg_uri(plot.svg())});
  }
  return pictures;
}

}  // namespace

Model translation_network(const RecipeTask& task, const Settings& settings) {
  const auto whole = [&](const char* key) { return static_cast<int64_t>(settings.number(key)); };
  const TransformerSizes sizes = {task.vocabulary, task.input[0], task.classes, task.target_steps};
  const double dropout = settings.number("dropout");
  if (settings.choice("network", {"transformer", "recurrent"}) == "recurrent")
    return seq2seq(sizes, {.embedding = whole("width"), .units = whole("width"), .dropout = dropout});
  return transformer(sizes, {.blocks = whole("blocks"),
                             .heads = whole("heads"),
                             .width = whole("width"),
                             .hidden = 4 * whole("width"),
                             .dropout = dropout,
                             .activation = "relu",
                             .shared_embedding = task.shared_vocabulary});
}

void compile_translation(const Model& model, const Optimizer& optimizer, const Settings& settings) {
  Loss loss = sparse_categorical_crossentropy(false, Pieces::kPadding);
  model.compile({.optimizer = optimizer, .loss = loss.set("label_smoothing", settings.number("smoothing"))});
}

Translator::Translator(const Model& model, int64_t beam) : beam_(beam) {
  auto preparation = preparation_of<PairPreparation>(model);
  if (!preparation)
    throw Error("model \"" + model.name() +
                "\": expected one that was trained on pairs of texts, got one without " +
                PairPreparation::kAsset + "; train one with folio train translate");
  preparation_ = std::move(*preparation);
  const Values &in = model.inputs(), &out = model.outputs();
  const auto fits = [](const Value& value, const Shape& shape) { return value.shape().from(1) == shape; };
  if (in.size() != 2 || out.size() != 1 || !fits(in[0], {preparation_.source_steps()}) ||
      !fits(in[1], {preparation_.target_steps()}) ||
      !fits(out[0], {preparation_.target_steps(), preparation_.target_pieces().size()}))
    throw Error(
        fmt::format("model \"{}\": expected a source of {} tokens and a target of {}, of {} different "
                    "ones, as its {} says; the file is damaged",
                    model.name(), preparation_.source_steps(), preparation_.target_steps(),
                    preparation_.target_pieces().size(), PairPreparation::kAsset));
  decoder_ = std::make_unique<CachedDecoder>(model, CachedDecoderOptions{.batch = beam});
}

std::string Translator::operator()(const std::string& text) {
  const Tensor row = preparation_.sources({text});
  Tensor copies({beam_, row.shape()[1]}, DType::int32);
  for (int64_t i = 0; i < beam_; ++i) copies.rows(i, i + 1).assign(row);
  decoder_->begin({copies});
  const auto texts = beam_search(*decoder_, Pieces::kBegin,
                                 {.beam = beam_,
                                  .longest = preparation_.target_steps(),
                                  .end = Pieces::kEnd,
                                  .penalty = LengthPenalty::gnmt,
                                  .alpha = 0.6,
                                  .never = {Pieces::kPadding, Pieces::kUnknown, Pieces::kBegin}});
  return texts.empty() ? "" : preparation_.target_pieces().text(texts[0].tokens);
}

Logs translation_scores(const std::vector<std::string>& said, const std::vector<std::string>& wanted) {
  double same = 0;
  for (size_t i = 0; i < said.size(); ++i) same += said[i] == wanted[i] ? 1 : 0;
  return {{"exact_match", said.empty() ? 0 : same / static_cast<double>(said.size())},
          {"bleu", bleu(said, wanted).bleu},
          {"chrf", chrf(said, wanted)}};
}

Shown show_translation(const Model& model, const RecipeData& data, const Settings& settings,
                       const std::string&) {
  Translator translator(model, static_cast<int64_t>(settings.number("beam")));
  const TextPairs& pairs = data.test_pairs;
  TextPairs said{pairs.sources, {}};
  for (const std::string& source : pairs.sources) said.targets.push_back(translator(source));
  Shown shown{.test = translation_scores(said.targets, pairs.targets)};
  std::set<std::string> sources;
  for (size_t i = 0; i < said.targets.size() && sources.size() < kExamples; ++i)
    if (sources.insert(pairs.sources[i]).second)
      shown.examples.push_back({pairs.sources[i], said.targets[i], pairs.targets[i]});
  shown.pictures = pictures_of(model, translator.preparation(), said);
  return shown;
}

std::vector<Baseline> translation_baselines(const Recipe&, const RecipeData& data, const Settings&,
                                            const FitOptions&) {
  return {{"the source as it is", translation_scores(data.test_pairs.sources, data.test_pairs.targets)}};
}

Model attention_weights(const Model& model) {
  const Node* last = nullptr;
  const auto layer_of = [](const Node& node) {
    const auto* call = dynamic_cast<const LayerCallOp*>(node.op.get());
    return call ? call->layer() : nullptr;
  };
  const std::vector<const Node*> nodes = Graph{model.inputs(), model.outputs(), {}}.nodes();
  for (const Node* node : nodes) {
    const auto layer = layer_of(*node);
    const bool attends =
        dynamic_cast<const HeadsBody*>(layer.get()) || dynamic_cast<const AttentionBody*>(layer.get());
    if (attends && node->inputs[0] != node->inputs[1]) last = node;
  }
  if (!last)
    throw Error("model \"" + model.name() +
                "\": expected a layer of attention between two sequences, found none");
  const auto& op = dynamic_cast<const LayerCallOp&>(*last->op);
  const LayerCall call = op.call(last->inputs);
  const Values scored =
      Layer(op.layer()).call(call.inputs, {.mask = call.masks, .return_attention_scores = true});
  Value weights = scored[1];
  if (weights.rank() == 4)
    weights = Layer(make_body<FunctionBody>("", true, "Mean", FunctionSettings{.axis = {1}}))(weights);
  return {model.inputs(), {weights}, "attention_weights"};
}

}  // namespace folio
