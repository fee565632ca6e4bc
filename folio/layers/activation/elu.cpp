#include "folio/layers/activation/elu.h"

#include "folio/layers/common/layer_fields.h"
#include "folio/ops/activations.h"

namespace folio {
namespace {

class ELUBody final : public LayerBody {
 public:
  explicit ELUBody(double alpha = ELUOptions().alpha) : alpha_(alpha) {}
  std::string class_name() const override { return "ELU"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return {elu(call.input(), alpha_)}; }
  void fields(Fields& f) override { f("alpha", alpha_); }

 private:
  double alpha_;
};

}  // namespace

ELU::ELU(ELUOptions options) : Layer(std::make_shared<ELUBody>(options.alpha), options) {}

std::shared_ptr<LayerBody> ELU::blank() { return std::make_shared<ELUBody>(); }

}  // namespace folio
