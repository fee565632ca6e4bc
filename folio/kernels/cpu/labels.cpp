// Class numbers and other small things: conversions, one-hot rows, places of maxima, counters.
#include "folio/kernels/candidates.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

/// Runs a plain function on (input, output, elements or rows).
class FunctionKernel final : public Kernel {
 public:
  using Function = void (*)(const void* x, void* y, int64_t count, int64_t size);
  FunctionKernel(std::string name, Function function, int64_t per_unit, int64_t size)
      : name_(std::move(name)), function_(function), per_unit_(per_unit), size_(size) {}
  std::string name() const override { return name_; }
  void run(const Task& task) const override {
    function_(task.operands[0], task.operands[1], (task.last - task.first) * per_unit_, size_);
  }

 private:
  std::string name_;
  Function function_;
  int64_t per_unit_, size_;
};

template <class From, class To>
void cast_elements(const void* x, void* y, int64_t count, int64_t) {
  for (int64_t i = 0; i < count; ++i)
    static_cast<To*>(y)[i] = static_cast<To>(static_cast<const From*>(x)[i]);
}

/// Pictures kept as bytes become numbers from 0 to 1 like this.
template <class From, class To>
class ScaledCastKernel final : public Kernel {
 public:
  ScaledCastKernel(double scale, int64_t per_unit) : scale_(static_cast<To>(scale)), per_unit_(per_unit) {}
  std::string name() const override { return "Cast scaled"; }
  void run(const Task& task) const override {
    const auto* x = static_cast<const From*>(task.operands[0]);
    auto* y = static_cast<To*>(task.operands[1]);
    for (int64_t i = 0, n = (task.last - task.first) * per_unit_; i < n; ++i)
      y[i] = static_cast<To>(x[i]) * scale_;
  }

 private:
  To scale_;
  int64_t per_unit_;
};

std::shared_ptr<const Kernel> scaled_cast(DType from, DType to, double scale, int64_t per_unit) {
  std::shared_ptr<const Kernel> kernel;
  visit(from, [&](auto f) {
    visit(to, [&](auto t) {
      using To = decltype(t);
      if constexpr (std::is_floating_point_v<To>)
        kernel = std::make_shared<ScaledCastKernel<decltype(f), To>>(scale, per_unit);
    });
  });
  return kernel;
}

template <class From, class To>
void one_hot_rows(const void* x, void* y, int64_t count, int64_t classes) {
  auto* to = static_cast<To*>(y);
  for (int64_t i = 0; i < count * classes; ++i) to[i] = To(0);
  for (int64_t i = 0; i < count; ++i) {
    const From label = static_cast<const From*>(x)[i];
    const auto at = static_cast<int64_t>(label);
    if (at >= 0 && at < classes && static_cast<From>(at) == label) to[i * classes + at] = To(1);
  }
}

template <class T>
void argmax_rows(const void* x, void* y, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r) {
    const T* row = static_cast<const T*>(x) + r * columns;
    int64_t best = 0;
    for (int64_t c = 1; c < columns; ++c)
      if (row[c] > row[best] || (row[c] != row[c] && row[best] == row[best])) best = c;
    static_cast<int32_t*>(y)[r] = static_cast<int32_t>(best);
  }
}

/// Element by element ops on single numbers of any type: counters, rates.
class ScalarKernel final : public Kernel {
 public:
  explicit ScalarKernel(const Node& node)
      : op_(std::static_pointer_cast<const ElementwiseOp>(node.op)),
        type_(node.outputs[0].dtype),
        arity_(node.inputs.size()) {}
  std::string name() const override { return op_->name() + " scalar"; }
  void run(const Task& task) const override {
    visit(type_, [&](auto t) {
      using T = decltype(t);
      double arguments[3] = {};
      for (size_t i = 0; i < arity_; ++i)
        arguments[i] = static_cast<double>(*static_cast<const T*>(task.operands[i]));
      *static_cast<T*>(task.operands[arity_]) = static_cast<T>(op_->evaluate(arguments));
    });
  }

 private:
  std::shared_ptr<const ElementwiseOp> op_;
  DType type_;
  size_t arity_;
};

}  // namespace

std::optional<ChosenKernel> labels_kernel(const KernelRequest& request, std::string& refusal) {
  const Node& node = request.node;
  const TensorType &in = request.inputs[0].type, &out = node.outputs[0];
  if (in.shape.count() == 0) return refusal = "no elements", std::nullopt;
  const std::string name = node.op->name();
  FunctionKernel::Function function = nullptr;
  int64_t per_row = in.shape.rank() > 0 ? in.shape.count(1, in.shape.rank()) : 1, size = 1;
  visit(in.dtype, [&](auto f) {
    using From = decltype(f);
    if (name == "ArgMax") {
      function = argmax_rows<From>;
      size = in.shape[-1];
      per_row = out.shape.rank() > 0 ? out.shape.count(1, out.shape.rank()) : 1;
      return;
    }
    visit(out.dtype, [&](auto t) {
      using To = decltype(t);
      function = name == "Cast" ? cast_elements<From, To> : one_hot_rows<From, To>;
      if (name == "OneHot") size = out.shape[-1];
    });
  });
  ChosenKernel chosen;
  chosen.by_rows = request.rows.apart;
  chosen.units = chosen.by_rows ? out.shape[0] : 1;
  const auto* cast = dynamic_cast<const CastOp*>(node.op.get());
  chosen.kernel = cast && cast->scale() != 1
                      ? scaled_cast(in.dtype, out.dtype, cast->scale(), per_row)
                      : std::make_shared<FunctionKernel>(name, function, per_row, size);
  return chosen;
}

std::optional<ChosenKernel> scalar_kernel(const KernelRequest& request, std::string& refusal) {
  if (request.node.outputs[0].shape.count() != 1 || request.node.outputs[0].dtype == DType::boolean)
    return refusal = "not a single number", std::nullopt;
  ChosenKernel chosen;
  chosen.kernel = std::make_shared<ScalarKernel>(request.node);
  return chosen;
}

}  // namespace folio
