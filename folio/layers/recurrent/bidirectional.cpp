#include "folio/layers/recurrent/bidirectional.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/layers/catalog.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/recurrent/rnn_body.h"
#include "folio/layers/trace.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/flip.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

RnnBody& recurrent(const Layer& layer, const char* role) {
  if (!layer.defined()) throw Error(fmt::format("{}: expected a layer, got one that was never made", role));
  if (auto* body = dynamic_cast<RnnBody*>(&layer.body())) return *body;
  throw Error(fmt::format("{}: expected a recurrent layer such as LSTM, got {}", role, layer.body().label()));
}

class BidirectionalBody final : public LayerBody {
 public:
  explicit BidirectionalBody(Layer layer = {}, BidirectionalOptions options = {})
      : forward_(std::move(layer)), backward_(options.backward_layer), options_(std::move(options)) {}
  std::string class_name() const override { return "Bidirectional"; }
  CallArgumentList arguments() const override {
    return {CallArgument::values("initial_state"), CallArgument::mask(), CallArgument::training()};
  }
  bool supports_masking() const override { return true; }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    if (!forward_.defined() || !backward_.defined()) return {};
    return {{"forward_layer", forward_.handle()}, {"backward_layer", backward_.handle()}};
  }

  Values compute_masks(const Values&, const Values& masks) const override {
    if (!options().return_sequences || masks.empty()) return {};
    return options_.merge_mode.empty() ? Values{masks[0], masks[0]} : Values{masks[0]};
  }

  void build(const std::vector<Shape>& inputs) override {
    forward_.body().ensure_built({inputs[0]});
    backward_.body().ensure_built({inputs[0]});
  }

  Values call(const LayerCall& call, Effects& effects) override {
    const Values& initial = call.values("initial_state");
    if (initial.size() % 2 != 0)
      throw Error(
          fmt::format("initial_state: expected as many states for each way, got {} in all", initial.size()));
    const auto half = initial.begin() + static_cast<std::ptrdiff_t>(initial.size() / 2);
    const auto run = [&](const Layer& layer, Values states) {
      return call_within(call, effects, layer, {call.input()},
                         {.initial_state = std::move(states), .mask = call.mask()});
    };
    const Values forward = run(forward_, {initial.begin(), half});
    Values backward = run(backward_, {half, initial.end()});
    if (options().return_sequences) backward[0] = flip(backward[0], 1);
    Values results = merged(forward[0], backward[0]);
    results.insert(results.end(), forward.begin() + 1, forward.end());
    results.insert(results.end(), backward.begin() + 1, backward.end());
    return results;
  }

  void fields(Fields& f) override {
    f("merge_mode", options_.merge_mode,
      {.words = "concat sum mul ave", .empty_as_null = true, .null = true});
    f("layer", forward_, {.required = true});
    f("backward_layer", backward_);
  }

  void configured() override {
    recurrent(forward_, "layer");
    if (!backward_.defined()) backward_ = copy(forward_, "backward_", true);
    forward_ = copy(forward_, "forward_", false);
    RnnBody &there = recurrent(forward_, "layer"), &back = recurrent(backward_, "backward_layer");
    const RNNOptions &a = there.options(), &b = back.options();
    if (a.go_backwards == b.go_backwards)
      throw Error(
          fmt::format("go_backwards: expected one layer to go forward and the other backward, got {} "
                      "of both",
                      a.go_backwards));
    for (const auto& [name, x, y] : {std::tuple{"stateful", a.stateful, b.stateful},
                                     std::tuple{"return_sequences", a.return_sequences, b.return_sequences},
                                     std::tuple{"return_state", a.return_state, b.return_state}})
      if (x != y) throw Error(fmt::format("{}: expected the same of both layers, got {} and {}", name, x, y));
    there.set_zero_output_for_mask(a.return_sequences);
    back.set_zero_output_for_mask(b.return_sequences);
  }

 private:
  const RNNOptions& options() const { return recurrent(forward_, "layer").options(); }

  // With the same settings, and weights of its own.
  static Layer copy(const Layer& layer, const std::string& prefix, bool turned) {
    Json object = layer_object(layer);
    Json& config = object["config"];
    const std::string& name = layer.name();
    config["name"] = prefix + (name.starts_with(prefix) ? name.substr(prefix.size()) : name);
    if (turned) config["go_backwards"] = true;
    return layer_from_object(object, layer.body().label());
  }

  Values merged(const Value& forward, const Value& backward) const {
    const std::string& mode = options_.merge_mode;
    if (mode.empty()) return {forward, backward};
    if (mode == "concat") return {concatenate({forward, backward})};
    if (mode == "sum") return {forward + backward};
    if (mode == "mul") return {forward * backward};
    return {(forward + backward) / 2.0};
  }

  Layer forward_, backward_;
  BidirectionalOptions options_;
};

}  // namespace

Bidirectional::Bidirectional(const Layer& layer, BidirectionalOptions options)
    : RecurrentLayer(std::make_shared<BidirectionalBody>(layer, options), options) {}

std::shared_ptr<LayerBody> Bidirectional::blank() { return std::make_shared<BidirectionalBody>(); }

}  // namespace folio
