
#include "folio/ops/pooling.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/pooling/average_pooling1d.h"
#include "folio/layers/pooling/average_pooling2d.h"
#include "folio/layers/pooling/average_pooling3d.h"
#include "folio/layers/pooling/max_pooling1d.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/pooling/max_pooling3d.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// The op that a layer applies.
using Pool = Value (*)(const Value&, const PoolingOptions&);

class PoolingBody final : public LayerBody {
 public:
  PoolingBody(const char* class_name, Pool pool, size_t rank, Sizes pool_size = 2,
              WindowPoolingOptions options = {})
      : class_name_(class_name),
        pool_(pool),
        rank_(rank),
        pool_size_(std::move(pool_size)),
        strides_(std::move(options.strides)),
        padding_name_(std::move(options.padding)) {}
  std::string class_name() const override { return class_name_; }
  void build(const std::vector<Shape>& inputs) override { check_cells(inputs[0], rank_); }

  void fields(Fields& f) override {
    f("pool_size", pool_size_, {.least = 1, .most = kLargestSize, .count = rank_, .not_empty = true});
    f("padding", padding_name_, {.words = "valid same"});
    f("strides", strides_, sizes_rule(rank_));
    data_format_field(f, data_format());
  }
  void configured() override {
    if (strides_.empty()) strides_ = pool_size_;
    padding_ = padding_from(padding_name_);
  }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    const size_t rank = rank_;
    check_cells(x.shape(), rank);
    check_fit("pooling", "window", x.shape(), pool_size_, Sizes(rank, 1), padding_);
    if (rank == 1) return {without_rows(along_columns(row_of_cells(x)))};
    return {rank == 2 ? across(x) : pool_volumes(x)};
  }

 private:
  // With windows of the last two directions.
  Value across(const Value& pictures) const {
    const size_t v = rank_ - 2, h = v + 1;
    return pool_(pictures, {pool_size_[v], pool_size_[h], strides_[v], strides_[h], padding_});
  }

  // With windows of the first direction, which lies along the pictures' columns or rows.
  Value along_columns(const Value& pictures) const {
    return pool_(pictures, {1, pool_size_[0], 1, strides_[0], padding_});
  }
  Value along_rows(const Value& pictures) const {
    return pool_(pictures, {pool_size_[0], 1, strides_[0], 1, padding_});
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

  const char* class_name_;
  Pool pool_;
  size_t rank_;
  Sizes pool_size_, strides_;
  std::string padding_name_;
  Padding padding_ = Padding::valid;
};

}  // namespace

MaxPooling1D::MaxPooling1D(Sizes pool_size, MaxPooling1DOptions options)
    : Layer(std::make_shared<PoolingBody>("MaxPooling1D", max_pool, 1, pool_size, options), options) {}
MaxPooling2D::MaxPooling2D(Sizes pool_size, MaxPooling2DOptions options)
    : Layer(std::make_shared<PoolingBody>("MaxPooling2D", max_pool, 2, pool_size, options), options) {}
MaxPooling3D::MaxPooling3D(Sizes pool_size, MaxPooling3DOptions options)
    : Layer(std::make_shared<PoolingBody>("MaxPooling3D", max_pool, 3, pool_size, options), options) {}
AveragePooling1D::AveragePooling1D(Sizes pool_size, AveragePooling1DOptions options)
    : Layer(std::make_shared<PoolingBody>("AveragePooling1D", average_pool, 1, pool_size, options), options) {
}
AveragePooling2D::AveragePooling2D(Sizes pool_size, AveragePooling2DOptions options)
    : Layer(std::make_shared<PoolingBody>("AveragePooling2D", average_pool, 2, pool_size, options), options) {
}
AveragePooling3D::AveragePooling3D(Sizes pool_size, AveragePooling3DOptions options)
    : Layer(std::make_shared<PoolingBody>("AveragePooling3D", average_pool, 3, pool_size, options), options) {
}

std::shared_ptr<LayerBody> MaxPooling1D::blank() {
  return std::make_shared<PoolingBody>("MaxPooling1D", max_pool, 1);
}
std::shared_ptr<LayerBody> MaxPooling2D::blank() {
  return std::make_shared<PoolingBody>("MaxPooling2D", max_pool, 2);
}
std::shared_ptr<LayerBody> MaxPooling3D::blank() {
  return std::make_shared<PoolingBody>("MaxPooling3D", max_pool, 3);
}
std::shared_ptr<LayerBody> AveragePooling1D::blank() {
  return std::make_shared<PoolingBody>("AveragePooling1D", average_pool, 1);
}
std::shared_ptr<LayerBody> AveragePooling2D::blank() {
  return std::make_shared<PoolingBody>("AveragePooling2D", average_pool, 2);
}
std::shared_ptr<LayerBody> AveragePooling3D::blank() {
  return std::make_shared<PoolingBody>("AveragePooling3D", average_pool, 3);
}

}  // namespace folio
