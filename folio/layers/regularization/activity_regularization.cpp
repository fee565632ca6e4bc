#include "folio/layers/regularization/activity_regularization.h"

#include <nlohmann/json.hpp>

#include "folio/layers/common/config.h"

namespace folio {
namespace {

class ActivityRegularizationBody final : public LayerBody {
 public:
  explicit ActivityRegularizationBody(double l1, double l2) : l1_(l1), l2_(l2) {
    set_activity_regularizer(Regularizer::l1_l2(l1, l2));
  }
  std::string class_name() const override { return "ActivityRegularization"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return call.inputs; }
  Json config() const override { return {{"l1", l1_}, {"l2", l2_}}; }

 private:
  double l1_, l2_;
};

}  // namespace

ActivityRegularization::ActivityRegularization(ActivityRegularizationOptions options) {
  body_ = make_body<ActivityRegularizationBody>(options.name, options.trainable, options.l1, options.l2);
}

Layer ActivityRegularization::from_config(const Json& config, const std::string& name,
                                          const std::string& place) {
  ConfigReader read(config, place);
  const double l1 = read.number("l1", 0), l2 = read.number("l2", 0);
  read.finish();
  return ActivityRegularization({.l1 = l1, .l2 = l2, .name = name});
}

}  // namespace folio
