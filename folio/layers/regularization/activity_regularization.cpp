#include "folio/layers/regularization/activity_regularization.h"

#include "folio/layers/common/layer_fields.h"

namespace folio {
namespace {

class ActivityRegularizationBody final : public LayerBody {
 public:
  explicit ActivityRegularizationBody(double l1 = 0, double l2 = 0) : l1_(l1), l2_(l2) {}
  std::string class_name() const override { return "ActivityRegularization"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return call.inputs; }
  void fields(Fields& f) override {
    f("l1", l1_);
    f("l2", l2_);
  }
  void configured() override { set_activity_regularizer(Regularizer::l1_l2(l1_, l2_)); }

 private:
  double l1_, l2_;
};

}  // namespace

ActivityRegularization::ActivityRegularization(ActivityRegularizationOptions options)
    : Layer(std::make_shared<ActivityRegularizationBody>(options.l1, options.l2), options) {}

std::shared_ptr<LayerBody> ActivityRegularization::blank() {
  return std::make_shared<ActivityRegularizationBody>();
}

}  // namespace folio
