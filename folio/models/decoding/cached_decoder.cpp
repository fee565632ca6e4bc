#include "folio/models/decoding/cached_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "folio/layers/attention/attention_body.h"
#include "folio/layers/attention/heads_body.h"
#include "folio/layers/core/function.h"
#include "folio/layers/recurrent/rnn_body.h"
#include "folio/layers/trace.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gather.h"
#include "folio/ops/reshape.h"
#include "folio/ops/softmax.h"

namespace folio {
namespace {

/// Layers for which a step of the output follows from that step of the inputs.
bool is_step_by_step(const LayerBody& layer) {
  static const std::set<std::string> names = {"Activation",
                                              "Add",
                                              "Average",
                                              "Dense",
                                              "Dropout",
                                              "ELU",
                                              "Embedding",
                                              "Identity",
                                              "LeakyReLU",
                                              "Maximum",
                                              "Minimum",
                                              "Multiply",
                                              "ReLU",
                                              "Rescaling",
                                              "Subtract",
                                              "GaussianNoise",
                                              "PReLU",
                                              "Concatenate",
                                              "LayerNormalization",
                                              "RMSNormalization",
                                              "GaussianDropout",
                                              "AlphaDropout"};
  if (!names.count(layer.class_name())) return false;
  // Along the features and no other dimension.
  const Json config = layer.config(), axis = config.value("axis", Json(-1));
  return axis == -1 || axis == 2 || axis == Json::array({-1}) || axis == Json::array({2});
}

// Functions of keras.ops that go element by element.
bool is_elementwise(const FunctionBody& function) {
  const std::string name = function.class_name();
  static const std::set<std::string> others = {
      "All",   "Any",  "Average", "ExpandDims", "GetItem",   "Logsumexp", "LogSoftmax", "Matmul",
      "Max",   "Mean", "Min",     "Moveaxis",   "Reshape",   "Softmax",   "Split",      "Squeeze",
      "Stack", "Std",  "Sum",     "Swapaxes",   "Transpose", "Unstack",   "Var"};
  return !others.count(name);
}

/// The graphs of a model cut in two: what depends on the tokens, a step at a time, and what does not.
class StepTracer {
 public:
  StepTracer(const Model& model, int64_t batch, int64_t longest)
      : batch_(batch),
        longest_(longest),
        sources_(model.inputs().begin(), model.inputs().end() - 1),
        token_(input({batch, 1}, DType::int32, "token")),
        place_(input({1}, DType::int32, "place")) {
    for (const Value& source : sources_)
      encoder_.inputs.push_back(input(source.shape().with(0, batch), source.dtype(), "source"));
    step_.inputs = {token_, place_};
    const Value& ids = model.inputs().back();
    steps_[&ids.node()] = {token_};
    for (const Node* node : Graph{model.inputs(), model.outputs(), {}}.nodes())
      if (!steps_.count(node) && depends(*node)) steps_[node] = traced(*node);
    const Value& y = model.outputs()[0];
    Value logits = steps_.at(&y.node())[static_cast<size_t>(y.output())];
    if (op_cast<SoftmaxOp>(logits)) logits = logits.node().inputs[0];
    step_.outputs = {reshape(logits, {batch, logits.shape()[-1]})};
    step_.updates = effects_.updates;
  }

  const Graph& encoder() const { return encoder_; }
  const Graph& step() const { return step_; }

 private:
  bool depends(const Node& node) const {
    return std::any_of(node.inputs.begin(), node.inputs.end(),
                       [&](const Value& value) { return steps_.count(&value.node()) > 0; });
  }

  Values traced(const Node& node) {
    const auto* op = dynamic_cast<const LayerCallOp*>(node.op.get());
    if (!op) throw Error(fmt::format("expected a model of layers, got the op {}", node.op->name()));
    LayerBody& layer = *op->layer();
    return naming(layer, [&] {
      const Scope scope(layer.name());
      if (auto* heads = dynamic_cast<HeadsBody*>(&layer)) return Values{attended(*heads, *op, node)};
      if (auto* attention = dynamic_cast<AttentionBody*>(&layer)) return looked(*attention, *op, node);
      if (auto* rnn = dynamic_cast<RnnBody*>(&layer)) return Values{recurred(*rnn, *op, node)};
      const auto* function = dynamic_cast<const FunctionBody*>(&layer);
      if (function ? !is_elementwise(*function) : !is_step_by_step(layer)) throw cannot("this layer");
      Values in;
      for (const Value& value : node.inputs) in.push_back(step_of(value, node));
      LayerCall call = op->call(in);
      call.masks.clear();
      call.step = constant(0, DType::int64);
      return layer.named_call(call, effects_);
    });
  }

  Value attended(HeadsBody& heads, const LayerCallOp& op, const Node& node) {
    const LayerCall call = op.call(node.inputs);
    if (call.value("attention_mask").defined() || call.flag("return_attention_scores"))
      throw cannot("an attention mask or scores");
    const Value &query = call.input(0), &value = call.input(1), &key = call.inputs.back();
    const bool causal = call.flag("use_causal_mask");
    if (query == value && query == key && causal)
      return heads.cached_step(step_of(query, node), heads.make_cache(batch_, longest_), place_, effects_);
    if (causal || steps_.count(&value.node()) || steps_.count(&key.node()))
      throw cannot("attention to steps of this text that does not look back only");
    Effects none;
    const auto [keys, values] = heads.projected_memory(encoded(value), encoded(key), none);
    Value mask = call.mask(1);
    if (call.mask(2).defined()) throw cannot("a mask of keys beside values");
    if (mask.defined()) mask = kept(encoded(mask));
    return heads.step_over(step_of(query, node), kept(keys), kept(values), mask, effects_);
  }

  // Attention without heads, which looks at what does not depend on the tokens.
  Values looked(AttentionBody& layer, const LayerCallOp& op, const Node& node) {
    LayerCall call = op.call(node.inputs);
    if (call.flag("use_causal_mask") || call.flag("return_attention_scores") || call.mask(0).defined())
      throw cannot("attention with a causal mask, a mask of queries or scores");
    for (size_t i = 1; i < call.inputs.size(); ++i)
      if (steps_.count(&call.inputs[i].node())) throw cannot("attention to steps of this text");
    call.inputs[0] = step_of(call.inputs[0], node);
    for (size_t i = 1; i < call.inputs.size(); ++i) call.inputs[i] = kept(encoded(call.inputs[i]));
    if (Value mask = call.mask(1); mask.defined()) call.masks = {Value(), kept(encoded(mask))};
    call.step = constant(0, DType::int64);
    return layer.named_call(call, effects_);
  }

  // A step of a recurrent layer, which remembers its states.
  Value recurred(RnnBody& rnn, const LayerCallOp& op, const Node& node) {
    const RNNOptions& options = rnn.options();
    LayerCall call = op.call(node.inputs);
    if (!options.return_sequences || options.return_state || options.go_backwards || options.stateful ||
        call.mask().defined())
      throw cannot(
          "a recurrent layer that goes backwards, keeps or returns its states, or does not return "
          "sequences, or a mask of its steps");
    const Value x = step_of(call.input(), node), now = reshape(x, x.shape().without(1));
    const auto body = rnn.children()[0].second;
    auto& cell = dynamic_cast<CellBody&>(*body);
    Values first = call.values("initial_state"), states;
    for (Value& state : first) {
      if (steps_.count(&state.node())) throw cannot("a first state that depends on the tokens");
      state = kept(encoded(state));
    }
    if (first.empty()) first = zero_states(cell, now.shape());
    std::vector<Parameter> own;
    for (const Value& state : first) {
      own.emplace_back(rnn.name() + "/state", Tensor::filled(state.shape(), 0, state.dtype()), false);
      const Value begins = cast(equal(place_, constant(0, place_.dtype())), state.dtype());
      states.push_back(select(begins, state, Value(own.back())));
    }
    call.named.clear();
    call.step = constant(0, DType::int64);
    call.inputs = {x};
    const Scope scope(cell.name());
    const CellSteps steps = cell.begin(call, effects_);
    const CellStep made = steps.step(steps.inputs(now), states);
    for (size_t i = 0; i < own.size(); ++i) effects_.updates.push_back({own[i], made.states[i]});
    return reshape(made.output, Shape{batch_, 1}.joined(made.output.shape().from(1)));
  }

  static Error cannot(const char* what) {
    return Error(
        fmt::format("expected what goes token by token, got {}; decoders take layers that go step by step, "
                    "causal self-attention, recurrent layers, and attention to other inputs",
                    what));
  }

  // Of what does not depend on the tokens: its value in the encoder, and an input of the step that takes it.
  Value encoded(const Value& value) const {
    Effects none;
    const LayerCall call{.inputs = encoder_.inputs, .step = constant(0, DType::int64)};
    return retrace({value}, sources_, call, none).values[0];
  }
  Value kept(const Value& value) {
    encoder_.outputs.push_back(value);
    step_.inputs.push_back(input(value.shape(), value.dtype(), "kept"));
    return step_.inputs.back();
  }

  // The step of a value; of a constant along the time, such as positions, the row of this place.
  Value step_of(const Value& value, const Node& user) {
    if (const auto found = steps_.find(&value.node()); found != steps_.end())
      return found->second[static_cast<size_t>(value.output())];
    if (!op_cast<ConstantOp>(value)) return kept(encoded(value));
    const int time = 1 - (user.outputs[0].shape.rank() - value.rank());
    if (time < 0 || value.shape()[time] == 1) return value;
    if (value.shape()[time] != longest_ || value.shape().count(0, time) != 1)
      throw cannot("a constant of other steps");
    return gather(reshape(value, value.shape().from(time)), place_);
  }

  int64_t batch_, longest_;
  Values sources_;
  Value token_, place_;
  Graph encoder_, step_;
  Effects effects_;
  std::unordered_map<const Node*, Values> steps_;
};

}  // namespace

CachedDecoder::CachedDecoder(const Model& model, const CachedDecoderOptions& options) {
  if (options.batch < 1) throw Error(fmt::format("batch: expected at least 1, got {}", options.batch));
  const Values& inputs = model.inputs();
  if (inputs.empty() || inputs.back().rank() != 2 || model.outputs().size() != 1 ||
      model.outputs()[0].rank() != 3)
    throw Error(
        model.body().label() +
        ": expected a model of tokens (batch, steps) that gives (batch, steps, vocabulary) to go token by "
        "token");
  longest_ = inputs.back().shape()[1];
  if (longest_ == kUnknown) longest_ = options.longest;
  if (longest_ < 1)
    throw Error(model.body().label() +
                ": expected to be told how many steps are kept; the model leaves it open");
  const StepTracer tracer = naming(model.body(), [&] { return StepTracer(model, options.batch, longest_); });
  for (const Update& update : tracer.step().updates) state_.push_back(update.parameter);
  step_ = compile(tracer.step(), {model.name() + " token by token", options.threads, {}});
  step_frame_ = std::make_unique<Frame>(step_, FrameOptions{.own_state = state_});
  tokens_ = Tensor({options.batch, 1}, DType::int32);
  number_ = Tensor({1}, DType::int32);
  step_frame_->set_input(0, tokens_);
  step_frame_->set_input(1, number_);
  if (tracer.encoder().outputs.empty()) return;
  encoder_ = compile(tracer.encoder(), {model.name() + " sources", options.threads, {}});
  encoder_frame_ = std::make_unique<Frame>(encoder_);
  for (size_t i = 0; i < encoder_frame_->outputs().size(); ++i)
    step_frame_->set_input(static_cast<int>(i) + 2, encoder_frame_->output(static_cast<int>(i)));
}

void CachedDecoder::begin(const std::vector<Tensor>& sources) {
  place_ = 0;
  const size_t count = encoder_.defined() ? encoder_.contents().inputs.size() : 0;
  if (sources.size() != count)
    throw Error(fmt::format("expected {} inputs of the text's sources, got {}", count, sources.size()));
  if (!encoder_.defined()) return;
  for (size_t i = 0; i < count; ++i) encoder_frame_->set_input(static_cast<int>(i), sources[i]);
  encoder_.run(*encoder_frame_);
}

const Tensor& CachedDecoder::step(std::span<const int64_t> tokens) {
  if (place_ == longest_)
    throw Error(fmt::format("expected a text of at most {} tokens, got one more; begin again", longest_));
  if (static_cast<int64_t>(tokens.size()) != tokens_.count())
    throw Error(fmt::format("expected a token for each of {} texts, got {}", tokens_.count(), tokens.size()));
  for (size_t i = 0; i < tokens.size(); ++i) tokens_.data<int32_t>()[i] = static_cast<int32_t>(tokens[i]);
  number_.data<int32_t>()[0] = static_cast<int32_t>(place_++);
  step_.run(*step_frame_);
  return step_frame_->output(0);
}

void CachedDecoder::reorder(std::span<const int64_t> parents) {
  if (static_cast<int64_t>(parents.size()) != batch() ||
      std::any_of(parents.begin(), parents.end(),
                  [&](int64_t parent) { return parent < 0 || parent >= batch(); }))
    throw Error(fmt::format("expected {} texts to go on from, numbered 0 to {}", batch(), batch() - 1));
  for (const Parameter& parameter : state_) {
    Parameter own = step_frame_->state(parameter);
    const Tensor before = own.value().clone();
    Tensor now = own.storage();
    const auto row = static_cast<size_t>(now.shape().count(1, now.shape().rank()) * size_of(now.dtype()));
    for (size_t i = 0; i < parents.size(); ++i)
      std::memcpy(static_cast<char*>(now.raw()) + i * row,
                  static_cast<const char*>(before.raw()) + static_cast<size_t>(parents[i]) * row, row);
    own.changed();
  }
}

NextToken next_token(const Model& model) {
  struct Memory {
    explicit Memory(const Model& model) : decoder(model) {}
    CachedDecoder decoder;
    std::vector<int64_t> text;
  };
  const auto memory = std::make_shared<Memory>(model);
  return [memory](int64_t token) {
    CachedDecoder& decoder = memory->decoder;
    std::vector<int64_t>& text = memory->text;
    if (decoder.place() == decoder.longest()) {
      text.erase(text.begin(), text.end() - decoder.longest() / 2);
      decoder.begin();
      for (int64_t before : text) decoder.step(std::span(&before, 1));
    }
    text.push_back(token);
    const Tensor& logits = decoder.step(std::span(&token, 1));
    return std::span<const float>(logits.data<float>(), static_cast<size_t>(logits.count()));
  };
}

std::vector<Hypothesis> beam_search(CachedDecoder& decoder, int64_t first, BeamOptions options) {
  if (options.beam > decoder.batch())
    throw Error(fmt::format("beam: expected at most {}, the rows of the decoder, got {}", decoder.batch(),
                            options.beam));
  options.longest = std::min(options.longest, decoder.longest() - decoder.place());
  const auto rows = static_cast<size_t>(decoder.batch());
  std::vector<int64_t> tokens(rows, first), parents(rows, 0);
  std::vector<float> logarithms;
  return beam_search(
      [&](std::span<const BeamRow> beam) {
        if (!beam.empty()) {
          for (size_t i = 0; i < rows; ++i) {  // rows beyond the beam repeat its first
            const BeamRow& row = beam[i < beam.size() ? i : 0];
            parents[i] = row.parent;
            tokens[i] = row.token;
          }
          decoder.reorder(parents);
        }
        const Tensor& logits = decoder.step(tokens);
        const auto vocabulary = static_cast<size_t>(logits.shape()[1]),
                   used = std::max<size_t>(beam.size(), 1);
        logarithms.assign(logits.data<float>(), logits.data<float>() + used * vocabulary);
        for (size_t r = 0; r < used; ++r) {
          float* row = logarithms.data() + r * vocabulary;
          const double largest = *std::max_element(row, row + vocabulary);
          double total = 0;
          for (size_t i = 0; i < vocabulary; ++i) total += std::exp(static_cast<double>(row[i]) - largest);
          const double sum = largest + std::log(total);
          for (size_t i = 0; i < vocabulary; ++i)
            row[i] = static_cast<float>(static_cast<double>(row[i]) - sum);
        }
        return std::span<const float>(logarithms);
      },
      options);
}

}  // namespace folio
