#include "folio/layers/core/embedding.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/layers/core/function.h"
#include "folio/ops/cast.h"
#include "folio/ops/gather.h"

namespace folio {
namespace {

class EmbeddingBody final : public LayerBody {
 public:
  EmbeddingBody(int64_t input_dim, int64_t output_dim, EmbeddingOptions options)
      : input_dim_(input_dim), output_dim_(output_dim), options_(std::move(options)) {
    check_size("input_dim", input_dim);
    check_size("output_dim", output_dim);
    set_activity_regularizer(options_.activity_regularizer);
  }
  std::string class_name() const override { return "Embedding"; }
  int64_t vocabulary() const override { return input_dim_; }

  void build(const std::vector<Shape>&) override {
    embeddings_ = add_weight("embeddings", {input_dim_, output_dim_}, rules());
  }

  Values call(const LayerCall& call, Effects&) override {
    const Value& ids = call.input();
    const bool whole = ids.dtype() == DType::int32 || ids.dtype() == DType::int64;
    return {gather(Value(embeddings_), whole ? ids : cast(ids, DType::int32))};
  }

  Values compute_masks(const Values& inputs, const Values&) const override {
    return options_.mask_zero ? Values{differs_from(inputs[0], 0)} : Values{};
  }

  Json config() const override {
    Json config = {{"input_dim", input_dim_},
                   {"output_dim", output_dim_},
                   {"activity_regularizer", options_.activity_regularizer.config()},
                   {"mask_zero", options_.mask_zero}};
    rules().write(config, "embeddings");
    return config;
  }

 private:
  WeightRules rules() const {
    return {options_.embeddings_initializer, options_.embeddings_regularizer, options_.embeddings_constraint};
  }
  static void check_size(const char* option, int64_t size) {
    if (size < 1 || size > std::numeric_limits<int32_t>::max())
      throw Error(std::string("Embedding: ") + option + ": expected 1 to 2147483647, got " +
                  std::to_string(size));
  }

  int64_t input_dim_, output_dim_;
  EmbeddingOptions options_;
  Parameter embeddings_;
};

}  // namespace

Embedding::Embedding(int64_t input_dim, int64_t output_dim, EmbeddingOptions options) {
  const std::string name = options.name;
  const bool trainable = options.trainable;
  body_ = make_body<EmbeddingBody>(name, trainable, input_dim, output_dim, std::move(options));
}

Layer Embedding::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  EmbeddingOptions options;
  options.name = name;
  const int64_t input_dim = read.integer("input_dim"), output_dim = read.integer("output_dim");
  options.embeddings_initializer = read.initializer("embeddings_initializer", "random_uniform");
  options.embeddings_regularizer = read.regularizer("embeddings_regularizer");
  options.embeddings_constraint = read.constraint("embeddings_constraint");
  options.activity_regularizer = read.regularizer("activity_regularizer");
  options.mask_zero = read.flag("mask_zero", false);
  for (const char* key : {"lora_rank", "lora_alpha", "quantization_config"}) read.ignore(key);
  read.raw("input_length");  // Keras 2 wrote it, and Keras 3 takes no notice of it
  read.finish();
  return Embedding(input_dim, output_dim, std::move(options));
}

}  // namespace folio
