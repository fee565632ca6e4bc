
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/pooling/global_average_pooling1d.h"
#include "folio/layers/pooling/global_average_pooling2d.h"
#include "folio/layers/pooling/global_average_pooling3d.h"
#include "folio/layers/pooling/global_max_pooling1d.h"
#include "folio/layers/pooling/global_max_pooling2d.h"
#include "folio/layers/pooling/global_max_pooling3d.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// The op that a layer applies.
using Reduce = Value (*)(const Value&, std::vector<int>, bool);

class GlobalPoolingBody final : public LayerBody {
 public:
  GlobalPoolingBody(const char* class_name, Reduce reduce, size_t rank, bool keepdims = false)
      : class_name_(class_name), reduce_(reduce), rank_(rank), keepdims_(keepdims) {}
  std::string class_name() const override { return class_name_; }
  void build(const std::vector<Shape>& inputs) override { check_cells(inputs[0], rank_); }
  // Of steps, only those that count have a say in the mean.
  CallArgumentList arguments() const override {
    if (rank_ == 1 && reduce_ == static_cast<Reduce>(mean)) return {CallArgument::mask()};
    return {};
  }
  Values call(const LayerCall& call, Effects&) override {
    check_cells(call.input().shape(), rank_);
    if (call.mask().defined()) {
      const Value mask = reshape(call.mask(), call.mask().shape().joined({1}));
      return {sum(call.input() * mask, {1}, keepdims_) / sum(mask, {1}, keepdims_)};
    }
    std::vector<int> axes;
    for (size_t i = 1; i <= rank_; ++i) axes.push_back(static_cast<int>(i));
    return {reduce_(call.input(), axes, keepdims_)};
  }
  void fields(Fields& f) override {
    data_format_field(f, data_format());
    f("keepdims", keepdims_);
  }

 private:
  const char* class_name_;
  Reduce reduce_;
  size_t rank_;
  bool keepdims_;
};

}  // namespace

GlobalAveragePooling1D::GlobalAveragePooling1D(GlobalAveragePooling1DOptions options)
    : Layer(std::make_shared<GlobalPoolingBody>("GlobalAveragePooling1D", static_cast<Reduce>(mean), 1,
                                                options.keepdims),
            options) {}
GlobalAveragePooling2D::GlobalAveragePooling2D(GlobalAveragePooling2DOptions options)
    : Layer(std::make_shared<GlobalPoolingBody>("GlobalAveragePooling2D", static_cast<Reduce>(mean), 2,
                                                options.keepdims),
            options) {}
GlobalAveragePooling3D::GlobalAveragePooling3D(GlobalAveragePooling3DOptions options)
    : Layer(std::make_shared<GlobalPoolingBody>("GlobalAveragePooling3D", static_cast<Reduce>(mean), 3,
                                                options.keepdims),
            options) {}
GlobalMaxPooling1D::GlobalMaxPooling1D(GlobalMaxPooling1DOptions options)
    : Layer(std::make_shared<GlobalPoolingBody>("GlobalMaxPooling1D", static_cast<Reduce>(max), 1,
                                                options.keepdims),
            options) {}
GlobalMaxPooling2D::GlobalMaxPooling2D(GlobalMaxPooling2DOptions options)
    : Layer(std::make_shared<GlobalPoolingBody>("GlobalMaxPooling2D", static_cast<Reduce>(max), 2,
                                                options.keepdims),
            options) {}
GlobalMaxPooling3D::GlobalMaxPooling3D(GlobalMaxPooling3DOptions options)
    : Layer(std::make_shared<GlobalPoolingBody>("GlobalMaxPooling3D", static_cast<Reduce>(max), 3,
                                                options.keepdims),
            options) {}

std::shared_ptr<LayerBody> GlobalAveragePooling1D::blank() {
  return std::make_shared<GlobalPoolingBody>("GlobalAveragePooling1D", static_cast<Reduce>(mean), 1);
}
std::shared_ptr<LayerBody> GlobalAveragePooling2D::blank() {
  return std::make_shared<GlobalPoolingBody>("GlobalAveragePooling2D", static_cast<Reduce>(mean), 2);
}
std::shared_ptr<LayerBody> GlobalAveragePooling3D::blank() {
  return std::make_shared<GlobalPoolingBody>("GlobalAveragePooling3D", static_cast<Reduce>(mean), 3);
}
std::shared_ptr<LayerBody> GlobalMaxPooling1D::blank() {
  return std::make_shared<GlobalPoolingBody>("GlobalMaxPooling1D", static_cast<Reduce>(max), 1);
}
std::shared_ptr<LayerBody> GlobalMaxPooling2D::blank() {
  return std::make_shared<GlobalPoolingBody>("GlobalMaxPooling2D", static_cast<Reduce>(max), 2);
}
std::shared_ptr<LayerBody> GlobalMaxPooling3D::blank() {
  return std::make_shared<GlobalPoolingBody>("GlobalMaxPooling3D", static_cast<Reduce>(max), 3);
}

}  // namespace folio
