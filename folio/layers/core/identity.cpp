#include "folio/layers/core/identity.h"

namespace folio {
namespace {

class IdentityBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Identity"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return call.inputs; }
};

}  // namespace

Identity::Identity(LayerOptions options) : Layer(blank(), options) {}

std::shared_ptr<LayerBody> Identity::blank() { return std::make_shared<IdentityBody>(); }

}  // namespace folio
