#include "folio/layers/attention/group_query_attention.h"

#include <fmt/format.h>

#include "folio/layers/attention/heads_body.h"
#include "folio/layers/common/layer_fields.h"

namespace folio {
namespace {

class GroupQueryAttentionBody final : public HeadsBody {
 public:
  explicit GroupQueryAttentionBody(int64_t head_dim = 0, int64_t num_query_heads = 0,
                                   int64_t num_key_value_heads = 0,
                                   const GroupQueryAttentionOptions& options = {})
      : HeadsBody(HeadOptions::of(options)),
        head_dim_(head_dim),
        num_query_heads_(num_query_heads),
        num_key_value_heads_(num_key_value_heads) {}
  std::string class_name() const override { return "GroupQueryAttention"; }

  void fields(Fields& f) override {
    f("head_dim", head_dim_, {.required = true, .least = 1, .most = kLargestSize});
    f("num_query_heads", num_query_heads_, {.required = true, .least = 1, .most = kLargestSize});
    f("num_key_value_heads", num_key_value_heads_, {.required = true, .least = 1, .most = kLargestSize});
    bias_field(f);
    dropout_field(f);
    rest_of_fields(f);
    f.ignore("use_gate", "false");
    f.ignore("sliding_window");
  }
  void configured() override {
    if (num_query_heads_ % num_key_value_heads_ != 0)
      throw Error(fmt::format("num_query_heads: expected a multiple of num_key_value_heads, {}, got {}",
                              num_key_value_heads_, num_query_heads_));
  }

 private:
  HeadSizes sizes() const override { return {num_query_heads_, num_key_value_heads_, head_dim_, head_dim_}; }
  const char* place() const override { return "_"; }

  int64_t head_dim_, num_query_heads_, num_key_value_heads_;
};

}  // namespace

GroupQueryAttention::GroupQueryAttention(int64_t head_dim, int64_t num_query_heads,
                                         int64_t num_key_value_heads, GroupQueryAttentionOptions options)
    : Layer(
          std::make_shared<GroupQueryAttentionBody>(head_dim, num_query_heads, num_key_value_heads, options),
          options) {}

std::shared_ptr<LayerBody> GroupQueryAttention::blank() {
  return std::make_shared<GroupQueryAttentionBody>();
}

}  // namespace folio
