#include "folio/layers/attention/multi_head_attention.h"

#include <fmt/format.h>

#include "folio/layers/attention/heads_body.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/forgotten_masks.h"

namespace folio {
namespace {

class MultiHeadAttentionBody final : public HeadsBody, public ForgetsMasks {
 public:
  explicit MultiHeadAttentionBody(int64_t num_heads = 0, int64_t key_dim = 0,
                                  const MultiHeadAttentionOptions& options = {})
      : HeadsBody(HeadOptions::of(options)),
        num_heads_(num_heads),
        key_dim_(key_dim),
        value_dim_(options.value_dim),
        output_shape_(options.output_shape),
        attention_axes_(options.attention_axes) {}
  std::string class_name() const override { return "MultiHeadAttention"; }

  void fields(Fields& f) override {
    f("num_heads", num_heads_, {.required = true, .least = 1, .most = kLargestSize});
    f("key_dim", key_dim_, {.required = true, .least = 1, .most = kLargestSize});
    f("value_dim", value_dim_, {.least = 0, .most = kLargestSize});
    dropout_field(f);
    bias_field(f);
    f("output_shape", output_shape_, {.least = 1, .most = kLargestSize, .empty_as_null = true});
    f("attention_axes", attention_axes_, {.empty_as_null = true});
    rest_of_fields(f);
    f.ignore("use_gate", "false");
    f.ignore("sliding_window");
    // What Keras 2 wrote of the inputs.
    for (const char* key : {"query_shape", "key_shape", "value_shape"}) f.ignore_any(key);
  }
  void configured() override {
    if (value_dim_ == 0) value_dim_ = key_dim_;
  }

 private:
  HeadSizes sizes() const override { return {num_heads_, num_heads_, key_dim_, value_dim_}; }
  std::vector<int64_t> output_sizes(int64_t features) const override {
    return output_shape_.empty() ? std::vector{features} : output_shape_;
  }
  std::vector<int> axes(int rank) const override {
    if (attention_axes_.empty()) return HeadsBody::axes(rank);
    std::vector<int> list;
    for (int64_t axis : attention_axes_) {
      const int64_t place = axis < 0 ? axis + rank : axis;
      if (place < 1 || place > rank - 2)
        throw Error(fmt::format("attention_axes: expected 1 to {} for inputs of {} dimensions, got {}",
                                rank - 2, rank, axis));
      list.push_back(static_cast<int>(place));
    }
    return list;
  }

  int64_t num_heads_, key_dim_, value_dim_;
  std::vector<int64_t> output_shape_, attention_axes_;
};

}  // namespace

MultiHeadAttention::MultiHeadAttention(int64_t num_heads, int64_t key_dim, MultiHeadAttentionOptions options)
    : Layer(std::make_shared<MultiHeadAttentionBody>(num_heads, key_dim, options), options) {}

std::shared_ptr<LayerBody> MultiHeadAttention::blank() { return std::make_shared<MultiHeadAttentionBody>(); }

}  // namespace folio
