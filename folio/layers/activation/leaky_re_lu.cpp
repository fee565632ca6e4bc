#include "folio/layers/activation/leaky_re_lu.h"

#include "folio/layers/common/layer_fields.h"
#include "folio/ops/activations.h"

namespace folio {
namespace {

class LeakyReLUBody final : public LayerBody {
 public:
  explicit LeakyReLUBody(double slope = LeakyReLUOptions().negative_slope) : slope_(slope) {}
  std::string class_name() const override { return "LeakyReLU"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return {leaky_relu(call.input(), slope_)}; }
  // "alpha" is what Keras 2 called it.
  void fields(Fields& f) override { f("negative_slope", slope_, {.least = 0, .alias = "alpha"}); }

 private:
  double slope_;
};

}  // namespace

LeakyReLU::LeakyReLU(LeakyReLUOptions options)
    : Layer(std::make_shared<LeakyReLUBody>(options.negative_slope), options) {}

std::shared_ptr<LayerBody> LeakyReLU::blank() { return std::make_shared<LeakyReLUBody>(); }

}  // namespace folio
