#include "folio/layers/attention/attention.h"

#include "folio/layers/attention/attention_body.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class DotAttentionBody final : public AttentionBody {
 public:
  explicit DotAttentionBody(const AttentionOptions& options = {})
      : AttentionBody(options.use_scale, options.dropout, options.seed), score_mode_(options.score_mode) {}
  std::string class_name() const override { return "Attention"; }

  void fields(Fields& f) override {
    first_field(f);
    f("score_mode", score_mode_, {.words = "dot concat"});
    last_fields(f);
  }

 private:
  void build_scores(int64_t) override {
    if (use_scale()) scale_ = add_weight("scale", {}, "ones");
    if (score_mode_ == "concat") concat_ = add_weight("concat_score_weight", {}, "ones");
  }

  Value scores(const Value& query, const Value& key) const override {
    if (score_mode_ == "dot") {
      const Value product = matmul(query, key, false, true);
      return scale_.defined() ? product * Value(scale_) : product;
    }
    const Value q = reshape(query, query.shape().inserted(2, 1)),
                k = reshape(key, key.shape().inserted(1, 1));
    const Value both = scale_.defined() ? Value(scale_) * (q + k) : q + k;
    return Value(concat_) * sum(tanh(both), {-1});
  }

  std::string score_mode_;
  Parameter scale_, concat_;
};

}  // namespace

Attention::Attention(AttentionOptions options)
    : Layer(std::make_shared<DotAttentionBody>(options), options) {}

std::shared_ptr<LayerBody> Attention::blank() { return std::make_shared<DotAttentionBody>(); }

}  // namespace folio
