#include "folio/layers/regularization/dropout.h"

#include "folio/layers/regularization/random_layer.h"
#include "folio/ops/dropout.h"

namespace folio {
namespace {

class DropoutBody final : public RandomLayerBody {
 public:
  explicit DropoutBody(double rate = 0, std::optional<int64_t> seed = {})
      : RandomLayerBody("rate", rate, seed) {}
  std::string class_name() const override { return "Dropout"; }
  bool supports_masking() const override { return true; }
  void fields(Fields& f) override {
    RandomLayerBody::fields(f);
    f.constant("noise_shape", "null");
  }

 private:
  Value disturbed(const Value& x, const RandomPlace& place) const override {
    return dropout(x, place.step, amount(), place.seed, place.site);
  }
};

}  // namespace

Dropout::Dropout(double rate, DropoutOptions options)
    : Layer(std::make_shared<DropoutBody>(rate, options.seed), options) {}

std::shared_ptr<LayerBody> Dropout::blank() { return std::make_shared<DropoutBody>(); }

}  // namespace folio
