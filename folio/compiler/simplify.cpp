// Folds constants, drops what changes nothing, and moves masks to where there are fewer elements.
#include <map>
#include <numeric>

#include "folio/compiler/passes.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/pooling.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class Simplifier {
 public:
  explicit Simplifier(Program& program) : program_(program), renamed_(program.values.size()) {
    std::iota(renamed_.begin(), renamed_.end(), 0);
  }

  void run() {
    for (size_t n = 0, count = program_.nodes.size(); n < count; ++n) {
      const std::shared_ptr<const Op> op = program_.nodes[n].op;
      const std::string scope = program_.nodes[n].scope;
      std::vector<int> in = program_.nodes[n].in;
      for (int& id : in) id = renamed_[id];
      const int same = simplified(*op, in, scope);
      ProgramNode& node = program_.nodes[n];
      if (same >= 0) {
        renamed_[node.out[0]] = same;
      } else if (node.in != in) {
        node.in = in;
        program_.refresh(node);
      }
      if (dynamic_cast<const DropoutOp*>(op.get()))
        dropouts_.try_emplace({op->attributes(), std::move(in)}, node.out[0]);
    }
    program_.rename(renamed_);
  }

 private:
  int make(std::shared_ptr<const Op> op, std::vector<int> in, const std::string& scope) {
    const int same = simplified(*op, in, scope);
    return same >= 0 ? same : program_.add_node(std::move(op), std::move(in), scope);
  }

  const ProgramNode* producer(int id) const {
    return program_.values[id].producer < 0 ? nullptr : &program_.nodes[program_.values[id].producer];
  }
  const Shape& shape(int id) const { return program_.values[id].type.shape; }

  // The value that the op would give, when one exists already or is a constant; -1 otherwise. May improve
  // `in`.
  int simplified(const Op& op, std::vector<int>& in, const std::string& scope) {
    const std::string name = op.name();
    if (name == "StopGradient") return in[0];
    if (const auto* reshape = dynamic_cast<const ReshapeOp*>(&op)) {
      const Shape to = reshape->infer({program_.values[in[0]].type})[0].shape;
      if (to == shape(in[0])) return in[0];
      // Only the last of several reshapes matters.
      if (const ProgramNode* before = producer(in[0]);
          before && dynamic_cast<const ReshapeOp*>(before->op.get())) {
        in[0] = before->in[0];
        if (to == shape(in[0])) return in[0];
      }
      return -1;
    }
    const auto* elementwise = dynamic_cast<const ElementwiseOp*>(&op);
    if (!elementwise) return -1;
    Types types;
    for (int id : in) types.push_back(program_.values[id].type);
    const TensorType result = op.infer(types)[0];

    // Element by element ops stretch their operands themselves.
    for (size_t i = 0; i < in.size(); ++i) {
      const ProgramNode* stretched = producer(in[i]);
      if (!stretched) continue;
      Types smaller = types;
      if (const auto value = program_.uniform(in[i])) {
        smaller[i].shape = {};
        if (op.infer(smaller)[0].shape != result.shape) continue;
        in[i] = scalar(*value, smaller[i].dtype);
      } else {
        if (!dynamic_cast<const BroadcastOp*>(stretched->op.get())) continue;
        smaller[i] = program_.values[stretched->in[0]].type;
        if (op.infer(smaller)[0].shape != result.shape) continue;
        in[i] = stretched->in[0];
      }
      types = smaller;
    }

    std::vector<double> constants;
    for (int id : in)
      if (const auto value = program_.uniform(id)) constants.push_back(*value);
    if (constants.size() == in.size() && is_floating(result.dtype)) {
      int folded = scalar(elementwise->evaluate(constants.data()), result.dtype);
      if (result.shape.rank() > 0)
        folded = program_.add_node(std::make_shared<BroadcastOp>(result.shape), {folded}, scope);
      return folded;
    }
    if (name == "Multiply")
      for (size_t side : {0, 1})
        if (const int mask = dropout_mask(in[side], in[1 - side], scope); mask >= 0) {
          in = {producer(in[side])->in[0], mask};
          break;
        }
    if (name == "Multiply")
      for (size_t side : {0, 1})
        if (const int spread = masked_before_spreading(in[side], in[1 - side], scope); spread >= 0)
          return spread;
    const auto is = [&](size_t i, double value) {
      return program_.uniform(in[i]) == value && shape(in[1 - i]) == result.shape;
    };
    if (name == "Multiply" && is(0, 1)) return in[1];
    if ((name == "Multiply" || name == "Divide") && is(1, 1)) return in[0];
    if (name == "Add" && is(0, 0)) return in[1];
    if ((name == "Add" || name == "Subtract") && is(1, 0)) return in[0];
    return -1;
  }

  // dropout(dy) * (h > 0) with h = relu(…) is dy * mask, where the mask can be read off d = dropout(h), which
  // was made before: an element of d is positive where h is and where it was kept. That spares the random
  // numbers. Returns (d > 0) / (1 - rate), or -1 when this is not such a product.
  int dropout_mask(int dropped, int positive, const std::string& scope) {
    const ProgramNode *outer = producer(dropped), *greater = producer(positive);
    if (!outer || !greater || greater->op->name() != "Greater" || program_.uniform(greater->in[1]) != 0.0)
      return -1;
    const auto* op = dynamic_cast<const DropoutOp*>(outer->op.get());
    const ProgramNode* rectified = producer(greater->in[0]);
    if (!op || !rectified || rectified->op->name() != "Relu") return -1;
    const auto found = dropouts_.find({op->attributes(), {greater->in[0], outer->in[1]}});
    if (found == dropouts_.end()) return -1;
    const DType type = program_.values[dropped].type.dtype;
    const double rate = op->rate();
    const int kept = make(greater->op, {found->second, scalar(0, type)}, scope);
    return make(elementwise_named("Multiply"), {kept, scalar(1 / (1 - rate), type)}, scope);
  }

  // A maximum's gradient goes only to cells that hold the maximum p of their window. So a mask (y > c) of the
  // pooled y, or a constant factor, can be applied to the windows' gradients, which are fewer, with (p > c)
  // for the mask. Returns the spread product, or -1 when this is not such a product.
  int masked_before_spreading(int gradient, int factor, const std::string& scope) {
    const ProgramNode* spread = producer(gradient);
    if (!spread || !dynamic_cast<const MaxPoolGradientOp*>(spread->op.get())) return -1;
    const int dy = spread->in[0], places = spread->in[1];
    const ProgramNode* pool = producer(places);
    if (!pool || !dynamic_cast<const MaxPoolOp*>(pool->op.get())) return -1;
    const std::shared_ptr<const Op> op = spread->op;
    const int pooled = pool->out[0], y = pool->in[0];
    if (!program_.uniform(factor)) {
      const ProgramNode* times = producer(factor);
      if (!times) return -1;
      if (times->op->name() == "Multiply") {  // a mask with a factor
        const std::vector<int> parts = times->in;
        for (size_t side : {0, 1})
          if (program_.uniform(parts[side])) {
            const int once = masked_before_spreading(gradient, parts[1 - side], scope);
            return once < 0 ? -1 : masked_before_spreading(once, parts[side], scope);
          }
        return -1;
      }
      if (times->op->name() != "Greater" || times->in[0] != y || !program_.uniform(times->in[1])) return -1;
      factor = make(times->op, {pooled, times->in[1]}, scope);
    }
    const int masked = make(elementwise_named("Multiply"), {dy, factor}, scope);
    return make(op, {masked, places}, scope);
  }

  static std::shared_ptr<const Op> elementwise_named(const std::string& name) {
    for (const auto& op : elementwise_ops())
      if (op->name() == name) return op;
    throw InternalError("there is no op " + name);
  }

  int scalar(double value, DType type) {
    const auto [place, fresh] = scalars_.try_emplace({value, type}, 0);
    if (fresh) place->second = program_.add_constant(Tensor::scalar(value, type));
    return place->second;
  }

  Program& program_;
  std::vector<int> renamed_;
  std::map<std::pair<std::string, std::vector<int>>, int> dropouts_;  ///< settings and inputs -> output
  std::map<std::pair<double, DType>, int> scalars_;
};

}  // namespace

void simplify(Program& program) { Simplifier(program).run(); }

}  // namespace folio
