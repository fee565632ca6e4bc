#include "folio/layers/regularization/spatial_dropout.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/regularization/random_layer.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// What sets one of them apart from another.
struct Space {
  const char *class_name, *dimensions;
  int rank;
};
constexpr Space k1D{"SpatialDropout1D", "(batch, steps, channels)", 3};
constexpr Space k2D{"SpatialDropout2D", "(batch, height, width, channels)", 4};
constexpr Space k3D{"SpatialDropout3D", "(batch, depth, height, width, channels)", 5};

class SpatialDropoutBody final : public RandomLayerBody {
 public:
  explicit SpatialDropoutBody(const Space& space, double rate = 0, std::optional<int64_t> seed = {})
      : RandomLayerBody("rate", rate, seed), space_(space) {}
  std::string class_name() const override { return space_.class_name; }
  bool supports_masking() const override { return true; }
  void fields(Fields& f) override {
    RandomLayerBody::fields(f);
    if (space_.rank > 3) data_format_field(f, data_format());
  }

 private:
  void check(const Shape& input) const override {
    if (input.rank() != space_.rank)
      throw Error(fmt::format("expects {} dimensions {}, got {}; add Reshape before it", space_.rank,
                              space_.dimensions, to_string(input)));
  }

  Value disturbed(const Value& x, const RandomPlace& place) const override {
    const Shape channels = stretched_shape(x.shape(), {0, x.rank() - 1});
    const Value ones = broadcast_to(constant(1, x.dtype()), channels);
    return x * dropout(ones, place.step, amount(), place.seed, place.site);
  }

  const Space& space_;
};

}  // namespace

SpatialDropout1D::SpatialDropout1D(double rate, RandomOptions options)
    : Layer(std::make_shared<SpatialDropoutBody>(k1D, rate, options.seed), options) {}
SpatialDropout2D::SpatialDropout2D(double rate, SpatialDropoutOptions options)
    : Layer(std::make_shared<SpatialDropoutBody>(k2D, rate, options.seed), options) {}
SpatialDropout3D::SpatialDropout3D(double rate, SpatialDropoutOptions options)
    : Layer(std::make_shared<SpatialDropoutBody>(k3D, rate, options.seed), options) {}

std::shared_ptr<LayerBody> SpatialDropout1D::blank() { return std::make_shared<SpatialDropoutBody>(k1D); }
std::shared_ptr<LayerBody> SpatialDropout2D::blank() { return std::make_shared<SpatialDropoutBody>(k2D); }
std::shared_ptr<LayerBody> SpatialDropout3D::blank() { return std::make_shared<SpatialDropoutBody>(k3D); }

}  // namespace folio
