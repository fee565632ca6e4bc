#include "folio/layers/regularization/spatial_dropout.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

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
  SpatialDropoutBody(const Space& space, double rate, std::optional<int64_t> seed)
      : RandomLayerBody(seed), space_(space), rate_(rate) {
    check_rate(space.class_name, rate);
  }
  std::string class_name() const override { return space_.class_name; }
  bool supports_masking() const override { return true; }
  Json config() const override {
    Json config = {{"rate", rate_}, {"seed", seed_config()}};
    if (space_.rank > 3) config["data_format"] = DataFormat::name();
    return config;
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
    return x * dropout(ones, place.step, rate_, place.seed, place.site);
  }

  const Space& space_;
  double rate_;
};

template <class Options>
std::shared_ptr<LayerBody> body_of(const Space& space, double rate, const Options& options) {
  return make_body<SpatialDropoutBody>(options.name, options.trainable, space, rate, options.seed);
}

template <class Of>
Layer pictures_from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  SpatialDropoutOptions options;
  options.name = name;
  options.data_format = DataFormat::from_config(read);
  const double rate = read_random(read, "rate", options.seed);
  read.finish();
  return Of(rate, std::move(options));
}

}  // namespace

SpatialDropout1D::SpatialDropout1D(double rate, RandomOptions options) {
  body_ = body_of(k1D, rate, options);
}
SpatialDropout2D::SpatialDropout2D(double rate, SpatialDropoutOptions options) {
  body_ = body_of(k2D, rate, options);
}
SpatialDropout3D::SpatialDropout3D(double rate, SpatialDropoutOptions options) {
  body_ = body_of(k3D, rate, options);
}

Layer SpatialDropout1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  RandomOptions options;
  options.name = name;
  const double rate = read_random(read, "rate", options.seed);
  read.finish();
  return SpatialDropout1D(rate, std::move(options));
}
Layer SpatialDropout2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return pictures_from_config<SpatialDropout2D>(config, name, place);
}
Layer SpatialDropout3D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return pictures_from_config<SpatialDropout3D>(config, name, place);
}

}  // namespace folio
