#include "folio/layers/reshaping/permute.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

class PermuteBody final : public LayerBody {
 public:
  explicit PermuteBody(std::vector<int64_t> dims = {}) : dims_(std::move(dims)) {}
  std::string class_name() const override { return "Permute"; }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    if (x.rank() != static_cast<int>(dims_.size()) + 1)
      throw Error(fmt::format("dims ({}) do not fit an input of {}; name each dimension behind the batch",
                              fmt::join(dims_, ", "), to_string(x.shape())));
    std::vector<int> order = {0};
    for (int64_t dim : dims_) order.push_back(static_cast<int>(dim));
    return {transpose(x, order)};
  }

  void fields(Fields& f) override { f("dims", dims_, {.required = true}); }
  void configured() override {
    std::vector<int64_t> sorted = dims_;
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < sorted.size(); ++i)
      if (sorted[i] != static_cast<int64_t>(i) + 1)
        throw Error(fmt::format("dims: expected each of 1 to {} once, got ({}); the batch is not counted",
                                dims_.size(), fmt::join(dims_, ", ")));
  }

 private:
  std::vector<int64_t> dims_;
};

}  // namespace

Permute::Permute(std::vector<int64_t> dims, LayerOptions options)
    : Layer(std::make_shared<PermuteBody>(std::move(dims)), options) {}

std::shared_ptr<LayerBody> Permute::blank() { return std::make_shared<PermuteBody>(); }

}  // namespace folio
