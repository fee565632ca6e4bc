#include <nlohmann/json.hpp>

#include "folio/layers/common/config.h"
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
  GlobalPoolingBody(const char* class_name, Reduce reduce, size_t rank, bool keepdims)
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
  Json config() const override { return {{"data_format", DataFormat::name()}, {"keepdims", keepdims_}}; }

 private:
  const char* class_name_;
  Reduce reduce_;
  size_t rank_;
  bool keepdims_;
};

template <class Options>
std::shared_ptr<LayerBody> body_of(const char* class_name, Reduce reduce, size_t rank,
                                   const Options& options) {
  return make_body<GlobalPoolingBody>(options.name, options.trainable, class_name, reduce, rank,
                                      options.keepdims);
}

bool read_keepdims(const Json& config, const std::string& place) {
  ConfigReader read(config, place);
  DataFormat::from_config(read);
  const bool keepdims = read.flag("keepdims", false);
  read.finish();
  return keepdims;
}

}  // namespace

GlobalAveragePooling1D::GlobalAveragePooling1D(GlobalAveragePooling1DOptions options) {
  body_ = body_of("GlobalAveragePooling1D", mean, 1, options);
}
GlobalAveragePooling2D::GlobalAveragePooling2D(GlobalAveragePooling2DOptions options) {
  body_ = body_of("GlobalAveragePooling2D", mean, 2, options);
}
GlobalAveragePooling3D::GlobalAveragePooling3D(GlobalAveragePooling3DOptions options) {
  body_ = body_of("GlobalAveragePooling3D", mean, 3, options);
}
GlobalMaxPooling1D::GlobalMaxPooling1D(GlobalMaxPooling1DOptions options) {
  body_ = body_of("GlobalMaxPooling1D", max, 1, options);
}
GlobalMaxPooling2D::GlobalMaxPooling2D(GlobalMaxPooling2DOptions options) {
  body_ = body_of("GlobalMaxPooling2D", max, 2, options);
}
GlobalMaxPooling3D::GlobalMaxPooling3D(GlobalMaxPooling3DOptions options) {
  body_ = body_of("GlobalMaxPooling3D", max, 3, options);
}

Layer GlobalAveragePooling1D::from_config(const Json& config, const std::string& name,
                                          const std::string& place) {
  return GlobalAveragePooling1D({.keepdims = read_keepdims(config, place), .name = name});
}
Layer GlobalAveragePooling2D::from_config(const Json& config, const std::string& name,
                                          const std::string& place) {
  return GlobalAveragePooling2D({.keepdims = read_keepdims(config, place), .name = name});
}
Layer GlobalAveragePooling3D::from_config(const Json& config, const std::string& name,
                                          const std::string& place) {
  return GlobalAveragePooling3D({.keepdims = read_keepdims(config, place), .name = name});
}
Layer GlobalMaxPooling1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return GlobalMaxPooling1D({.keepdims = read_keepdims(config, place), .name = name});
}
Layer GlobalMaxPooling2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return GlobalMaxPooling2D({.keepdims = read_keepdims(config, place), .name = name});
}
Layer GlobalMaxPooling3D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return GlobalMaxPooling3D({.keepdims = read_keepdims(config, place), .name = name});
}

}  // namespace folio
