#include "folio/ops/scan.h"

#include <fmt/format.h>

#include <cstring>
#include <map>

#include "folio/base/checked.h"
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

void add(const Tensor& term, const View& sum) {
  visit(sum.type.dtype, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < sum.count(); ++i)
      sum.as<T>()[i] = static_cast<T>(sum.as<T>()[i] + term.data<T>()[i]);
  });
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

ScanOp::ScanOp(ScanBody body, bool reverse, std::shared_ptr<const ScanOp> base, int64_t grain)
    : body_(std::move(body)), reverse_(reverse), base_(std::move(base)), grain_(grain) {
  for (const auto& node : nodes_of(body_.results()))
    if (!node->inputs.empty()) nodes_.push_back(node);
  attributes_ = fmt::format("{}, {} states, {} sequences: {}", reverse_ ? "backward" : "forward",
                            body_.states.size(), body_.slices.size(), body_.text());
  if (grain_ > 0) attributes_ += fmt::format(", sums of {} rows", grain_);
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
  bool apart = body_.sums.empty() || grain_ > 0;
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
  for (const RowSum& sum : body_.sums) {
    types.push_back(sum.type());
    if (grain_ > 0) types.back().shape = types.back().shape.inserted(0, divide_up(batch, grain_));
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
  ensure(grain_ == 0, "sums of some rows exist in fast plans only");
  const size_t first_sum = states + body_.outputs.size();
  std::vector<Tensor> terms;  // of one step
  for (size_t i = first_sum; i < out.size(); ++i) {
    terms.emplace_back(out[i].shape(), out[i].type.dtype);
    std::memset(out[i].data, 0, static_cast<size_t>(out[i].count() * size_of(out[i].type.dtype)));
  }
  const int64_t steps = in[states].shape()[1];
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t t = reverse_ ? steps - 1 - s : s;
    for (size_t i = 0; i < states; ++i) copy(out[i], at(body_.states[i]));
    for (size_t i = 0; i < sequences; ++i) copy_step(in[states + i], t, at(body_.slices[i]), false);
    at.step();
    for (size_t i = 0; i < states; ++i) copy(at(body_.new_states[i]), out[i]);
    for (size_t i = 0; i < body_.outputs.size(); ++i)
      copy_step(out[states + i], t, at(body_.outputs[i]), true);
    for (size_t i = 0; i < terms.size(); ++i) {
      Views operands;
      for (const Value& value : body_.sums[i].operands) operands.push_back(at(value));
      body_.sums[i].op->define(operands, {view_of(terms[i])});
      add(terms[i], out[first_sum + i]);
    }
  }
}

double ScanOp::flops(const Node& node) const {
  double step = 0;
  for (const auto& each : nodes_) step += each->op->flops(*each);
  for (const RowSum& sum : body_.sums) {
    const Value term = apply_one(sum.op, sum.operands);
    step += sum.op->flops(term.node());
  }
  return step * static_cast<double>(steps(node));
}

std::shared_ptr<const ScanOp> ScanOp::by_grains(int64_t grain) const {
  return std::make_shared<ScanOp>(body_, reverse_, base_, grain);
}

std::shared_ptr<const ScanOp> ScanOp::keeping(const std::vector<bool>& wanted) const {
  ScanBody body = body_;
  body.outputs.clear();
  for (size_t i = 0; i < body_.outputs.size(); ++i)
    if (wanted[i]) body.outputs.push_back(body_.outputs[i]);
  return std::make_shared<ScanOp>(std::move(body), reverse_);
}

}  // namespace folio
