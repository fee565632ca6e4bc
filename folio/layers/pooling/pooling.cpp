#include <nlohmann/json.hpp>

#include "folio/layers/common/config.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/pooling/average_pooling1d.h"
#include "folio/layers/pooling/average_pooling2d.h"
#include "folio/layers/pooling/average_pooling3d.h"
#include "folio/layers/pooling/max_pooling1d.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/pooling/max_pooling3d.h"
#include "folio/ops/pooling.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// The op that a layer applies.
using Pool = Value (*)(const Value&, const PoolingOptions&);

struct PoolingSettings {
  const char* class_name;
  Pool pool;
  Sizes pool_size, strides;
  std::string padding;
};

class PoolingBody final : public LayerBody {
 public:
  explicit PoolingBody(PoolingSettings settings) : s_(std::move(settings)) {
    check_sizes(s_.class_name, "pool_size", s_.pool_size);
    check_sizes(s_.class_name, "strides", s_.strides);
    padding_ = padding_from(s_.padding);
  }
  std::string class_name() const override { return s_.class_name; }
  void build(const std::vector<Shape>& inputs) override { check_cells(inputs[0], s_.pool_size.size()); }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    const size_t rank = s_.pool_size.size();
    check_cells(x.shape(), rank);
    check_fit("pooling", "window", x.shape(), s_.pool_size, Sizes(rank, 1), padding_);
    if (rank == 1) return {without_rows(along_columns(row_of_cells(x)))};
    return {rank == 2 ? across(x) : pool_volumes(x)};
  }

  Json config() const override {
    return {{"pool_size", s_.pool_size},
            {"padding", s_.padding},
            {"strides", s_.strides},
            {"data_format", DataFormat::name()}};
  }

 private:
  // With windows of the last two directions.
  Value across(const Value& pictures) const {
    const size_t v = s_.pool_size.size() - 2, h = v + 1;
    return s_.pool(pictures, {s_.pool_size[v], s_.pool_size[h], s_.strides[v], s_.strides[h], padding_});
  }

  // With windows of the first direction, which lies along the pictures' columns or rows.
  Value along_columns(const Value& pictures) const {
    return s_.pool(pictures, {1, s_.pool_size[0], 1, s_.strides[0], padding_});
  }
  Value along_rows(const Value& pictures) const {
    return s_.pool(pictures, {s_.pool_size[0], 1, s_.strides[0], 1, padding_});
  }

  // A maximum of maxima is a maximum; and a mean of means is the mean, because all slices of a window have
  // equally many cells inside.
  Value pool_volumes(const Value& x) const {
    const Shape& shape = x.shape();
    const Value slices = volumes_of(across(slices_of(x)), shape[0], shape[1]);
    const Shape& cells = slices.shape();
    const Value flat = reshape(slices, {cells[0], cells[1], times(cells[2], cells[3]), cells[4]});
    const Value pooled = along_rows(flat);
    return reshape(pooled, cells.with(1, pooled.shape()[1]));
  }

  PoolingSettings s_;
  Padding padding_;
};

template <class Size, class Options>
std::shared_ptr<LayerBody> body_of(const char* class_name, Pool pool, const Size& pool_size,
                                   const Options& options) {
  const bool touching = sizes_of(options.strides) == sizes_of(Size{});
  return make_body<PoolingBody>(
      options.name, options.trainable,
      PoolingSettings{class_name, pool, sizes_of(pool_size), sizes_of(touching ? pool_size : options.strides),
                      options.padding});
}

Layer read_pooling(const char* class_name, Pool pool, size_t rank, const Json& config,
                   const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  Sizes pool_size = read_sizes(read, "pool_size", rank, Sizes(rank, 2));
  Sizes strides = read_sizes(read, "strides", rank, pool_size);
  std::string padding = read.text("padding", "valid");
  DataFormat::from_config(read);
  read.finish();
  return Layer(make_body<PoolingBody>(
      name, true,
      PoolingSettings{class_name, pool, std::move(pool_size), std::move(strides), std::move(padding)}));
}

}  // namespace

MaxPooling1D::MaxPooling1D(int64_t pool_size, MaxPooling1DOptions options) {
  body_ = body_of("MaxPooling1D", max_pool, pool_size, options);
}
MaxPooling2D::MaxPooling2D(Pair pool_size, MaxPooling2DOptions options) {
  body_ = body_of("MaxPooling2D", max_pool, pool_size, options);
}
MaxPooling3D::MaxPooling3D(Triple pool_size, MaxPooling3DOptions options) {
  body_ = body_of("MaxPooling3D", max_pool, pool_size, options);
}
AveragePooling1D::AveragePooling1D(int64_t pool_size, AveragePooling1DOptions options) {
  body_ = body_of("AveragePooling1D", average_pool, pool_size, options);
}
AveragePooling2D::AveragePooling2D(Pair pool_size, AveragePooling2DOptions options) {
  body_ = body_of("AveragePooling2D", average_pool, pool_size, options);
}
AveragePooling3D::AveragePooling3D(Triple pool_size, AveragePooling3DOptions options) {
  body_ = body_of("AveragePooling3D", average_pool, pool_size, options);
}

Layer MaxPooling1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_pooling("MaxPooling1D", max_pool, 1, config, name, place);
}
Layer MaxPooling2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_pooling("MaxPooling2D", max_pool, 2, config, name, place);
}
Layer MaxPooling3D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_pooling("MaxPooling3D", max_pool, 3, config, name, place);
}
Layer AveragePooling1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_pooling("AveragePooling1D", average_pool, 1, config, name, place);
}
Layer AveragePooling2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_pooling("AveragePooling2D", average_pool, 2, config, name, place);
}
Layer AveragePooling3D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_pooling("AveragePooling3D", average_pool, 3, config, name, place);
}

}  // namespace folio
