#include "folio/layers/attention/additive_attention.h"

#include "folio/layers/attention/attention_body.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class AdditiveAttentionBody final : public AttentionBody {
 public:
  explicit AdditiveAttentionBody(const AdditiveAttentionOptions& options = {})
      : AttentionBody(options.use_scale, options.dropout, options.seed) {}
  std::string class_name() const override { return "AdditiveAttention"; }

  void fields(Fields& f) override {
    first_field(f);
    last_fields(f);
  }

 private:
  void build_scores(int64_t features) override {
    if (use_scale()) scale_ = add_weight("scale", {features}, "glorot_uniform");
  }

  Value scores(const Value& query, const Value& key) const override {
    const Value q = reshape(query, query.shape().inserted(2, 1)),
                k = reshape(key, key.shape().inserted(1, 1));
    const Value bent = tanh(q + k);
    return sum(scale_.defined() ? Value(scale_) * bent : bent, {-1});
  }

  Parameter scale_;
};

}  // namespace

AdditiveAttention::AdditiveAttention(AdditiveAttentionOptions options)
    : Layer(std::make_shared<AdditiveAttentionBody>(options), options) {}

std::shared_ptr<LayerBody> AdditiveAttention::blank() { return std::make_shared<AdditiveAttentionBody>(); }

}  // namespace folio
