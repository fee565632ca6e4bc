#include "folio/layers/preprocessing/integer_lookup.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gather.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

Value whole(int64_t number) { return constant(Tensor::of<int64_t>({}, {number})); }

// x modulo n, from 0 on; of huge numbers, of which doubles are not sure, one that is nearer to it.
Value rest_of(const Value& x, int64_t n) {
  const Value times = floor(cast(x, DType::float64) / static_cast<double>(n));
  return x - whole(n) * cast(times, DType::int64);
}

class IntegerLookupBody final : public LayerBody, public IdfLayer {
 public:
  explicit IntegerLookupBody(IntegerLookupOptions options = {}) { vocabulary_.options = std::move(options); }
  std::string class_name() const override { return "IntegerLookup"; }

  void fields(Fields& f) override {
    vocabulary_.fields(f);
    f.ignore("vocabulary_dtype", "\"int64\"");
  }
  void configured() override { vocabulary_.configure(name().empty() ? class_name() : name()); }
  Parameter idf() const override { return vocabulary_.idf(); }
  Vocabulary<int64_t>& vocabulary_of_numbers() { return vocabulary_; }

  Values call(const LayerCall& call, Effects&) override {
    vocabulary_.need();
    const Value x = call.input().dtype() == DType::int64 ? call.input() : cast(call.input(), DType::int64);
    if (vocabulary_.options.invert) return {tokens_of(x)};
    const Value numbers = numbers_of(x);
    const std::string& mode = vocabulary_.options.output_mode;
    if (mode == "int") return {cast(numbers, DType::int32)};
    const Shape& shape = x.shape();
    const int64_t depth = vocabulary_.depth();
    if (mode == "one_hot") {
      const bool single = shape.rank() > 1 && shape[-1] == 1;
      return {one_hot(single ? reshape_last_away(numbers) : numbers, depth, floatx())};
    }
    if (shape.rank() < 2)
      throw Error("output_mode: expected rows to count in, (batch, n), got " + to_string(shape));
    const Value each = one_hot(numbers, depth, floatx());
    if (mode == "multi_hot") return {max(each, {-2}, false)};
    const Value counts = sum(each, {-2}, false);
    return {mode == "count" ? counts : counts * Value(vocabulary_.idf())};
  }

 private:
  // (…, 1) -> (…)
  static Value reshape_last_away(const Value& x) { return max(x, {-1}, false); }

  // By halving a sorted list as often as it takes; -1 for what does not count or has no number.
  Value numbers_of(const Value& x) const {
    const std::vector<int64_t>& tokens = vocabulary_.tokens();
    std::vector<int64_t> order(tokens.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return tokens[static_cast<size_t>(a)] < tokens[static_cast<size_t>(b)];
    });
    // Filled up with the largest to a power of two, so that every place asked for is there.
    const size_t size = std::bit_ceil(tokens.size());
    std::vector<int64_t> keys(size, tokens[static_cast<size_t>(order.back())]), numbers(size);
    for (size_t i = 0; i < order.size(); ++i) {
      keys[i] = tokens[static_cast<size_t>(order[i])];
      numbers[i] = vocabulary_.first_token() + order[i];
    }
    for (size_t i = order.size(); i < size; ++i) numbers[i] = numbers[order.size() - 1];
    const auto count = static_cast<int64_t>(size);
    const Value sorted = constant(Tensor::of({count}, keys)), places = constant(Tensor::of({count}, numbers));
    Value low = x * whole(0);
    for (int64_t step = count / 2; step > 0; step /= 2) {
      const Value further = low + whole(step);
      low = select(gather(sorted, further) <= x, further, low);
    }
    const Value known = equal(gather(sorted, low), x);
    Value result = select(known, gather(places, low), unknown(x));
    if (vocabulary_.options.mask_token)
      result =
          select(equal(x, whole(*vocabulary_.options.mask_token)),
                 whole(vocabulary_.options.output_mode == "int" ? 0 : Vocabulary<int64_t>::kMasked), result);
    return result;
  }

  Value unknown(const Value& x) const {
    const int64_t count = vocabulary_.options.num_oov_indices, first = vocabulary_.first_unknown();
    if (count == 0) return whole(-1);
    if (count == 1) return whole(first);
    return rest_of(rest_of(x, count), count) + whole(first);
  }

  Value tokens_of(const Value& x) const {
    const std::vector<int64_t> listed = vocabulary_.listed();
    const auto count = static_cast<int64_t>(listed.size());
    const Value inside = (x >= whole(0)) * (x < whole(count));
    return select(inside, gather(constant(Tensor::of({count}, listed)), x * inside),
                  whole(vocabulary_.options.oov_token));
  }

  Vocabulary<int64_t> vocabulary_;
};

IntegerLookupBody& body_in(const Layer& layer) { return static_cast<IntegerLookupBody&>(layer.body()); }

}  // namespace

IntegerLookup::IntegerLookup(IntegerLookupOptions options)
    : Layer(std::make_shared<IntegerLookupBody>(options), options) {}

std::shared_ptr<LayerBody> IntegerLookup::blank() { return std::make_shared<IntegerLookupBody>(); }

void IntegerLookup::adapt(const Tensor& data) const {
  naming(*body_, [&] {
    if (data.shape().rank() == 0) throw Error("adapt: expected rows of whole numbers, got one number");
    const int64_t rows = data.shape()[0], width = data.shape().count(1, data.shape().rank());
    const Tensor whole = data.cast(DType::int64);
    Vocabulary<int64_t>::Documents documents(static_cast<size_t>(rows));
    for (int64_t r = 0; r < rows; ++r)
      documents[static_cast<size_t>(r)].assign(whole.data<int64_t>() + r * width,
                                               whole.data<int64_t>() + (r + 1) * width);
    body_in(*this).vocabulary_of_numbers().adapt(documents, name());
  });
}

std::vector<int64_t> IntegerLookup::get_vocabulary() const {
  return body_in(*this).vocabulary_of_numbers().listed();
}

}  // namespace folio
