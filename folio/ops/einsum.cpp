#include "folio/ops/einsum.h"

#include <fmt/format.h>

#include <numeric>

#include "folio/base/error.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

bool has(const std::string& letters, char letter) { return letters.find(letter) != std::string::npos; }

void check(const std::string& letters, const Value& x) {
  if (static_cast<int>(letters.size()) != x.rank())
    throw Error(fmt::format("einsum: expected {} dimensions for \"{}\", got {}", letters.size(), letters,
                            to_string(x.shape())));
  for (size_t i = 0; i < letters.size(); ++i)
    if (letters.find(letters[i], i + 1) != std::string::npos)
      throw Error(fmt::format("einsum: expected each letter once, got \"{}\"", letters));
}

// A value and the letters of its dimensions.
struct Lettered {
  std::string letters;
  Value value;

  int64_t size(char letter) const { return value.shape()[static_cast<int>(letters.find(letter))]; }

  /// Sums over the letters that nobody else has.
  void drop_unless(const std::string& wanted) {
    std::vector<int> axes;
    std::string left;
    for (size_t i = 0; i < letters.size(); ++i)
      if (has(wanted, letters[i]))
        left += letters[i];
      else
        axes.push_back(static_cast<int>(i));
    if (!axes.empty()) value = sum(value, axes);
    letters = left;
  }

  Value in_order(const std::string& order) const {
    if (order == letters) return value;
    std::vector<int> places;
    for (char letter : order) places.push_back(static_cast<int>(letters.find(letter)));
    return transpose(value, places);
  }
};

class Product {
 public:
  Product(const Lettered& a, const Lettered& b, std::string result)
      : a_(a), b_(b), result_(std::move(result)) {
    for (char letter : result_)
      (has(a.letters, letter) && has(b.letters, letter) ? shared_
       : has(a.letters, letter)                         ? rows_
                                                        : columns_) += letter;
    for (char letter : a.letters)
      if (!has(result_, letter)) summed_ += letter;
  }

  Value value() const {
    const Value right = reshape(b_.in_order(shared_ + summed_ + columns_),
                                sizes(shared_).joined({count(summed_), count(columns_)}));
    // Without letters in common the rows stay as they are, so that nothing of them need be known.
    const Shape left = shared_.empty() ? (rows_.empty() ? Shape{1} : sizes(rows_)).joined({count(summed_)})
                                       : sizes(shared_).joined({count(rows_), count(summed_)});
    const Value product = matmul(reshape(a_.in_order(shared_ + rows_ + summed_), left), right);
    const std::string order = shared_ + rows_ + columns_;
    return Lettered{order, reshape(product, sizes(order))}.in_order(result_);
  }

 private:
  int64_t size(char letter) const {
    const int64_t a = has(a_.letters, letter) ? a_.size(letter) : kUnknown;
    return a == kUnknown && has(b_.letters, letter) ? b_.size(letter) : a;
  }
  Shape sizes(const std::string& letters) const {
    std::vector<int64_t> list;
    for (char letter : letters) list.push_back(size(letter));
    return Shape(std::move(list));
  }
  int64_t count(const std::string& letters) const {
    const Shape shape = sizes(letters);
    return shape.known() ? shape.count() : kUnknown;
  }

  const Lettered &a_, &b_;
  std::string result_, shared_, rows_, columns_, summed_;
};

}  // namespace

Value einsum(const EinsumLetters& letters, const Value& a, const Value& b) {
  check(letters.a, a);
  check(letters.b, b);
  for (size_t i = 0; i < letters.result.size(); ++i)
    if ((!has(letters.a, letters.result[i]) && !has(letters.b, letters.result[i])) ||
        letters.result.find(letters.result[i], i + 1) != std::string::npos)
      throw Error(fmt::format("einsum: expected letters of \"{}\" and \"{}\", each once, got \"{}\"",
                              letters.a, letters.b, letters.result));
  Lettered left{letters.a, a}, right{letters.b, b};
  for (char letter : letters.a) {
    if (!has(letters.b, letter)) continue;
    const int64_t x = left.size(letter), y = right.size(letter);
    if (x != y && x != kUnknown && y != kUnknown)
      throw Error(fmt::format("einsum: \"{}\" is {} in {} and {} in {}", letter, x, to_string(a.shape()), y,
                              to_string(b.shape())));
  }
  left.drop_unless(letters.b + letters.result);
  right.drop_unless(letters.a + letters.result);
  return Product(left, right, letters.result).value();
}

}  // namespace folio
