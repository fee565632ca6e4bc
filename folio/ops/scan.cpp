#include "folio/ops/scan.h"

#include <fmt/format.h>

#include <cstring>
#include <map>

#include "folio/base/error.h"

namespace folio {
namespace {

View view_of(Tensor& tensor) { return {{tensor.shape(), tensor.dtype()}, tensor.raw()}; }

void copy(const View& from, const View& to) {
  if (const int64_t bytes = from.count() * size_of(from.type.dtype))
    std::memcpy(to.data, from.data, static_cast<size_t>(bytes));
}

// Moves step `t` of a sequence (batch, time, …) to a value (batch, …), or back.
void copy_step(const View& sequence, int64_t t, const View& value, bool back) {
  const Shape& shape = sequence.shape();
  const int64_t bytes = shape.count(2, shape.rank()) * size_of(sequence.type.dtype);
  for (int64_t row = 0; row < shape[0]; ++row) {
    char* at = static_cast<char*>(sequence.data) + (row * shape[1] + t) * bytes;
    char* other = static_cast<char*>(value.data) + row * bytes;
    std::memcpy(back ? at : other, back ? other : at, static_cast<size_t>(bytes));
  }
}

/// The body's values in memory of their own, and its ops bound to them.
class Interpreter {
 public:
  Interpreter(const ScanBody& body, const std::vector<std::shared_ptr<const Node>>& nodes,
              const Types& inputs) {
    const Values places = body.inputs();
    for (size_t i = 0; i < places.size(); ++i) make(places[i], inputs[i]);
    for (const auto& node : nodes) {
      Call call{node->op.get(), {}, {}};
      Types types;
      for (const Value& value : node->inputs) {
        call.in.push_back((*this)(value));
        types.push_back(call.in.back().type);
      }
      const Types made = node->op->infer(types);
      for (size_t i = 0; i < made.size(); ++i)
        call.out.push_back(make(Value(node, static_cast<int>(i)), made[i]));
      calls_.push_back(std::move(call));
    }
  }
  View operator()(const Value& value) {
    const auto found = tensors_.find(key_of(value));
    if (found != tensors_.end()) return view_of(found->second);
    const auto* constant = op_cast<ConstantOp>(value);
    ensure(constant != nullptr, "a step's body uses a value from outside");
    return view_of(tensors_.emplace(key_of(value), constant->tensor()).first->second);
  }
  void step() const {
    for (const Call& call : calls_) call.op->define(call.in, call.out);
  }

 private:
  struct Call {
    const Op* op;
    Views in, out;
  };
  View make(const Value& value, const TensorType& type) {
    return view_of(tensors_.try_emplace(key_of(value), type.shape, type.dtype).first->second);
  }
  std::map<ValueKey, Tensor> tensors_;
  std::vector<Call> calls_;
};

}  // namespace

ScanOp::ScanOp(ScanBody body, bool reverse, std::shared_ptr<const ScanOp> base)
    : body_(std::move(body)), reverse_(reverse), base_(std::move(base)) {
  for (const auto& node : nodes_of(body_.results()))
    if (!node->inputs.empty()) nodes_.push_back(node);
  attributes_ = fmt::format("{}, {} states, {} sequences: {}", reverse_ ? "backward" : "forward",
                            body_.states.size(), body_.slices.size(), body_.text());
  find_rows();
}

// Rows of the batch stay apart when every op of the body keeps them apart. A shared value is read whole or
// row by row, as its users read it.
void ScanOp::find_rows() {
  const Values inputs = body_.inputs();
  const size_t varying = body_.states.size() + body_.slices.size();
  const int64_t batch = body_.slices[0].shape()[0];
  std::map<ValueKey, size_t> shared;
  for (size_t i = varying; i < inputs.size(); ++i) shared[key_of(inputs[i])] = i;
  std::vector<bool> aligned(inputs.size(), false), whole(inputs.size(), false);
  bool apart = true;
  const auto must_have_rows = [&](const Value& value) {
    apart = apart && value.rank() > 0 && value.shape()[0] == batch;
  };
  const auto read = [&](const Value& value, bool by_row) {
    if (by_row) must_have_rows(value);
    if (const auto found = shared.find(key_of(value)); found != shared.end())
      (by_row ? aligned : whole)[found->second] = true;
    else if (!op_cast<ConstantOp>(value))
      apart = apart && by_row;
  };
  for (size_t i = 0; i < varying; ++i) {
    aligned[i] = true;
    must_have_rows(inputs[i]);
  }
  for (const auto& node : nodes_) {
    const RowMap rows = node->op->rows(*node);
    apart = apart && rows.apart && rows.grain == 0;
    for (size_t i = 0; apart && i < node->inputs.size(); ++i) read(node->inputs[i], rows.aligned[i]);
    for (size_t i = 0; i < node->outputs.size(); ++i) must_have_rows(Value(node, static_cast<int>(i)));
  }
  for (const Value& value : body_.results()) read(value, true);
  for (size_t i = 0; i < inputs.size(); ++i) apart = apart && !(aligned[i] && whole[i]);
  // The definition works on all rows: ops of the body may be made for so many.
  if (apart) rows_ = {.apart = true, .aligned = std::move(aligned), .grain = 0, .numbered = true};
}

Types ScanOp::infer(const Types& in) const {
  const Values places = body_.inputs();
  const size_t states = body_.states.size(), sequences = body_.slices.size();
  ensure(in.size() == places.size(), "a scan got another number of values than its body has");
  int64_t batch = kUnknown, time = kUnknown;
  for (size_t i = 0; i < in.size(); ++i) {
    const bool sequence = i >= states && i < states + sequences;
    const Shape step = sequence ? in[i].shape.without(1) : in[i].shape;
    if (!compatible(step, places[i].shape()) || in[i].dtype != places[i].dtype())
      throw InternalError("a scan got " + to_string(in[i]) + ", but its body works on " +
                          to_string(places[i].type()));
    if (!sequence) continue;
    if (in[i].shape[0] != kUnknown) batch = in[i].shape[0];
    if (in[i].shape[1] != kUnknown) time = in[i].shape[1];
  }
  Types types(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(states));
  for (const Value& value : body_.outputs) {
    Shape shape = value.shape();
    if (shape[0] == kUnknown) shape[0] = batch;
    types.push_back({shape.inserted(1, time), value.dtype()});
  }
  return types;
}

void ScanOp::define(const Views& in, const Views& out) const {
  const size_t states = body_.states.size(), sequences = body_.slices.size();
  Types types;
  for (size_t i = 0; i < in.size(); ++i) {
    types.push_back(in[i].type);
    if (i >= states && i < states + sequences) types.back().shape = in[i].shape().without(1);
  }
  Interpreter at(body_, nodes_, types);
  for (size_t i = 0; i < sequences; ++i)
    ensure(in[states + i].shape()[1] == in[states].shape()[1], "a scan's sequences differ in length");
  for (size_t i = 0; i < body_.shared.size(); ++i) copy(in[states + sequences + i], at(body_.shared[i]));
  // The current states are kept where the last ones have to be.
  for (size_t i = 0; i < states; ++i) copy(in[i], out[i]);
  const int64_t steps = in[states].shape()[1];
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t t = reverse_ ? steps - 1 - s : s;
    for (size_t i = 0; i < states; ++i) copy(out[i], at(body_.states[i]));
    for (size_t i = 0; i < sequences; ++i) copy_step(in[states + i], t, at(body_.slices[i]), false);
    at.step();
    for (size_t i = 0; i < states; ++i) copy(at(body_.new_states[i]), out[i]);
    for (size_t i = 0; i < body_.outputs.size(); ++i)
      copy_step(out[states + i], t, at(body_.outputs[i]), true);
  }
}

double ScanOp::flops(const Node& node) const {
  double step = 0;
  for (const auto& each : nodes_) step += each->op->flops(*each);
  return step * static_cast<double>(steps(node));
}

std::shared_ptr<const ScanOp> ScanOp::keeping(const std::vector<bool>& wanted) const {
  ScanBody body = body_;
  body.outputs.clear();
  for (size_t i = 0; i < body_.outputs.size(); ++i)
    if (wanted[i]) body.outputs.push_back(body_.outputs[i]);
  return std::make_shared<ScanOp>(std::move(body), reverse_);
}

}  // namespace folio
