#include "folio/layers/core/embedding.h"

#include "folio/layers/common/layer_fields.h"
#include "folio/layers/core/function.h"
#include "folio/ops/cast.h"
#include "folio/ops/gather.h"

namespace folio {
namespace {

class EmbeddingBody final : public LayerBody {
 public:
  explicit EmbeddingBody(int64_t input_dim = 0, int64_t output_dim = 0, EmbeddingOptions options = {})
      : input_dim_(input_dim), output_dim_(output_dim), options_(std::move(options)) {}
  std::string class_name() const override { return "Embedding"; }
  int64_t vocabulary() const override { return input_dim_; }

  void build(const std::vector<Shape>&) override {
    const EmbeddingOptions& o = options_;
    embeddings_ = add_weight("embeddings", {input_dim_, output_dim_},
                             {o.embeddings_initializer, o.embeddings_regularizer, o.embeddings_constraint});
  }

  Values call(const LayerCall& call, Effects&) override {
    const Value& ids = call.input();
    const bool whole = ids.dtype() == DType::int32 || ids.dtype() == DType::int64;
    return {gather(Value(embeddings_), whole ? ids : cast(ids, DType::int32))};
  }

  Values compute_masks(const Values& inputs, const Values&) const override {
    return options_.mask_zero ? Values{differs_from(inputs[0], 0)} : Values{};
  }

  void fields(Fields& f) override {
    EmbeddingOptions& o = options_;
    f("input_dim", input_dim_, {.required = true, .least = 1, .most = kLargestSize});
    f("output_dim", output_dim_, {.required = true, .least = 1, .most = kLargestSize});
    weight_fields(f, "embeddings", o.embeddings_initializer, o.embeddings_regularizer,
                  o.embeddings_constraint);
    f("activity_regularizer", o.activity_regularizer);
    f("mask_zero", o.mask_zero);
    for (const char* key : {"lora_rank", "lora_alpha", "quantization_config"}) f.ignore(key);
    f.ignore_any("input_length");  // Keras 2 wrote it, and Keras 3 takes no notice of it
  }
  void configured() override { set_activity_regularizer(options_.activity_regularizer); }

 private:
  int64_t input_dim_, output_dim_;
  EmbeddingOptions options_;
  Parameter embeddings_;
};

}  // namespace

Embedding::Embedding(int64_t input_dim, int64_t output_dim, EmbeddingOptions options)
    : Layer(std::make_shared<EmbeddingBody>(input_dim, output_dim, options), options) {}

std::shared_ptr<LayerBody> Embedding::blank() { return std::make_shared<EmbeddingBody>(); }

}  // namespace folio
