// What ops make of shapes: errors that name op and shapes, and dimensions that are not known yet.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/convolution.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/pooling.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"
#include "folio/ops/softmax.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

Value floats(const Shape& shape) { return input(shape, DType::float32, "x"); }
Value of_type(const Shape& shape, DType type) { return input(shape, type, "x"); }

struct Misfit {
  std::function<Value()> build;
  std::vector<std::string> parts;  ///< what the message must tell
};

TEST(Shapes, MisfitsAreToldWithOpAndShapes) {
  const std::vector<Misfit> misfits = {
      {[] {
         return floats({2, 3}) + floats({4});
       },
       {"Add", "(2, 3)", "(4,)"}},
      {[] {
         return floats({2, 3}) / floats({3, 3});
       },
       {"Divide", "(2, 3)", "(3, 3)"}},
      {[] {
         return floats({5}) < floats({4, 2});
       },
       {"Less", "(5,)", "(4, 2)"}},
      {[] { return select(floats({2}), floats({2}), floats({3})); }, {"Select", "(2,)", "(3,)"}},
      {[] { return floats({2}) * of_type({2}, DType::float64); }, {"Multiply", "float32", "float64", "cast"}},
      {[] {
         return matmul(floats({2, 3}), floats({4, 5}));
       },
       {"matmul", "(2, 3)", "(4, 5)"}},
      {[] {
         return matmul(floats({2, 3}), floats({3, 5}), true);
       },
       {"matmul", "(2, 3) transposed", "(3, 5)"}},
      {[] {
         return matmul(floats({2, 3}), floats({3, 5}), false, true);
       },
       {"matmul", "(2, 3)", "(3, 5) transposed"}},
      {[] {
         return matmul(floats({3}), floats({3, 5}));
       },
       {"matmul", "(3,)", "(3, 5)"}},
      {[] {
         return matmul(floats({2, 4, 3}), floats({3, 3, 5}));
       },
       {"matmul", "(2, 4, 3)", "(3, 3, 5)"}},
      {[] {
         return matmul(floats({2, 4, 3}), floats({3, 5}), true);
       },
       {"matmul", "(2, 4, 3)", "(3, 5)"}},
      {[] {
         return matmul(floats({2, 4, 3}), floats({4, 5}));
       },
       {"matmul", "3)", "(4, 5)"}},
      {[] {
         return matmul(floats({2, 3}), of_type({3, 5}, DType::float64));
       },
       {"matmul", "(2, 3)", "(3, 5)", "cast"}},
      {[] {
         return convolution_2d(floats({28, 28, 1}), floats({3, 3, 1, 8}));
       },
       {"convolution", "(28, 28, 1)", "(batch, height, width, channels)"}},
      {[] {
         return convolution_2d(floats({1, 28, 28, 1}), floats({3, 3, 1}));
       },
       {"convolution", "(3, 3, 1)"}},
      {[] {
         return convolution_2d(floats({1, 28, 28, 3}), floats({3, 3, 1, 8}));
       },
       {"convolution", "(1, 28, 28, 3)", "(3, 3, 1, 8)"}},
      {[] {
         return convolution_2d(floats({1, 8, 8, 4}), floats({3, 3, 2, 3}), {1, 1, Padding::valid, 1, 1, 2});
       },
       {"convolution", "(1, 8, 8, 4)", "(3, 3, 2, 3)", "groups 2"}},
      {[] {
         return convolution_2d(floats({1, 4, 4, 1}), floats({5, 3, 1, 8}));
       },
       {"convolution", "5x3", "4x4", "same"}},
      {[] {
         return convolution_2d(floats({1, 4, 4, 1}), floats({3, 3, 1, 8}), {0, 1});
       },
       {"convolution", "strides"}},
      {[] {
         return convolution_2d(floats({1, 4, 4, 1}), of_type({3, 3, 1, 8}, DType::float64));
       },
       {"convolution", "float32", "float64"}},
      {[] {
         return max_pool(floats({28, 28, 1}));
       },
       {"pooling", "(28, 28, 1)", "(batch, height, width, channels)"}},
      {[] {
         return average_pool(floats({1, 2, 2, 1}), {3, 3, 1, 1});
       },
       {"pooling", "3x3", "2x2"}},
      {[] {
         return max_pool(floats({1, 40, 40, 1}), {17, 16, 1, 1});
       },
       {"pooling", "17x16", "256"}},
      {[] {
         return average_pool(floats({1, 2, 2, 1}), {0, 1, 1, 1});
       },
       {"pooling", "at least 1"}},
      {[] {
         return reshape(floats({2, 3}), {4, 2});
       },
       {"reshape", "(2, 3)", "(4, 2)"}},
      {[] {
         return reshape(floats({2, 3}), {4, -1});
       },
       {"reshape", "(2, 3)", "(4, None)"}},
      {[] {
         return reshape(floats({2, 3}), {-1, -1});
       },
       {"reshape", "(None, None)"}},
      {[] {
         return broadcast_to(floats({2, 3}), {2, 4});
       },
       {"Broadcast", "(2, 3)", "(2, 4)"}},
      {[] {
         return broadcast_to(floats({2, 3}), {3});
       },
       {"broadcast", "(2, 3)", "(3,)"}},
      {[] {
         return transpose(floats({2, 3}), {0, 0});
       },
       {"transpose", "(2, 3)", "0 0"}},
      {[] {
         return transpose(floats({2, 3}), {0, 1, 2});
       },
       {"transpose", "(2, 3)", "0 1 2"}},
      {[] {
         return slice(floats({2, 3}), 1, 2, 2);
       },
       {"slice", "(2, 3)", "2 to 4"}},
      {[] {
         return slice(floats({2, 3}), 2, 0, 1);
       },
       {"slice", "axis 2", "rank 2"}},
      {[] {
         return split(floats({2, 3}), {1, 1}, 1)[0];
       },
       {"split", "(2, 3)", "1 1"}},
      {[] {
         return split(floats({2, 3}), {4, -1}, 1)[0];
       },
       {"split", "4 -1"}},
      {[] {
         return split(floats({2, 3}), 2)[0];
       },
       {"split", "(2, 3)", "2 equal parts"}},
      {[] {
         return split(floats({2, 3}), 1, 2)[0];
       },
       {"split", "axis 2", "rank 2"}},
      {[] {
         return concatenate({floats({2, 3}), floats({3, 3})}, 1);
       },
       {"concatenate", "(2, 3)", "(3, 3)"}},
      {[] {
         return concatenate({floats({2, 3}), of_type({2, 3}, DType::int32)}, 1);
       },
       {"concatenate", "float32", "int32"}},
      {[] {
         return concatenate({floats({2, 3}), floats({2})}, -1);
       },
       {"concatenate", "(2, 3)", "(2,)"}},
      {[] { return concatenate({}); }, {"concatenate", "none"}},
      {[] {
         return pad(floats({2, 3}), {1}, {1});
       },
       {"pad", "(2, 3)"}},
      {[] { return pad(floats({2}), {-1}, {0}); }, {"pad", "-1"}},
      {[] {
         return sum(floats({2, 3}), {2});
       },
       {"sum", "axis 2", "rank 2"}},
      {[] {
         return mean(floats({2, 3}), {-3});
       },
       {"mean", "axis -3", "rank 2"}},
      {[] { return max(floats({}), {0}); }, {"max", "axis 0", "rank 0"}},
      {[] { return argmax(floats({})); }, {"argmax", "scalar"}},
      {[] { return softmax(floats({})); }, {"softmax", "scalar"}},
      {[] { return log_softmax(floats({})); }, {"log_softmax", "scalar"}},
      {[] { return one_hot(floats({2}), 0); }, {"one_hot", "0"}},
      {[] { return dropout(floats({2}), floats({}), 0.5, 1, 1); }, {"dropout", "int64 scalar", "float32 ()"}},
      {[] { return dropout(floats({}), of_type({}, DType::int64), 0.5, 1, 1); }, {"dropout", "batch"}},
      {[] { return dropout(floats({2}), of_type({}, DType::int64), 1.0, 1, 1); }, {"dropout", "[0, 1)", "1"}},
      {[] { return dropout(floats({2}), of_type({}, DType::int64), std::nan(""), 1, 1); },
       {"dropout", "[0, 1)", "nan"}},
      {[] { return gradients(of_type({2}, DType::int32), {floats({2})})[0]; }, {"gradients", "int32 (2,)"}},
  };
  for (size_t i = 0; i < misfits.size(); ++i) {
    try {
      const Value value = misfits[i].build();
      ADD_FAILURE() << "misfit " << i << " passed: " << misfits[i].parts[0] << " gave "
                    << to_string(value.type());
    } catch (const Error& error) {
      for (const std::string& part : misfits[i].parts)
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
            << "\"" << part << "\" is missing in: " << error.what();
    } catch (const InternalError& error) {
      ADD_FAILURE() << "misfit " << i << " (" << misfits[i].parts[0]
                    << ") was told as our own mistake: " << error.what();
    }
  }
}

TEST(Shapes, UnknownDimensionsPropagate) {
  const Value pictures = floats({kUnknown, 28, 28, 1}), open = floats({kUnknown, kUnknown, kUnknown, 3});
  const struct {
    Value value;
    std::string shape;
  } cases[] = {
      {pictures + 1.0, "(None, 28, 28, 1)"},
      {pictures * floats({28, 1}), "(None, 28, 28, 1)"},
      {floats({kUnknown, 1}) + floats({1, kUnknown}), "(None, None)"},
      {floats({kUnknown}) + floats({4}), "(4,)"},
      {floats({1}) + floats({kUnknown}), "(None,)"},
      {convolution_2d(pictures, floats({5, 5, 1, 6})), "(None, 24, 24, 6)"},
      {convolution_2d(open, floats({3, 3, 3, 6}), {2, 2, Padding::same}), "(None, None, None, 6)"},
      {max_pool(pictures), "(None, 14, 14, 1)"},
      {average_pool(open), "(None, None, None, 3)"},
      {flatten(pictures), "(None, 784)"},
      {flatten(open), "(None, None)"},
      {reshape(pictures, {-1, 784}), "(None, 784)"},
      {reshape(pictures, {-1, 28, 28}), "(None, 28, 28)"},
      {matmul(flatten(pictures), floats({784, 10})), "(None, 10)"},
      {matmul(floats({kUnknown, 7, 5}), floats({5, 2})), "(None, 7, 2)"},
      {matmul(floats({kUnknown, 7, 5}), floats({kUnknown, 5, 2})), "(None, 7, 2)"},
      {transpose(pictures, {3, 0, 1, 2}), "(1, None, 28, 28)"},
      {slice(pictures, 1, 3, 5), "(None, 5, 28, 1)"},
      {slice(open, 1, 3, 5), "(None, 5, None, 3)"},
      {split(pictures, 4, 1)[3], "(None, 7, 28, 1)"},
      {split(open, {1, 2}, 1)[1], "(None, 2, None, 3)"},
      {concatenate({open, open}, 1), "(None, None, None, 3)"},
      {concatenate({pictures, pictures}, 0), "(None, 28, 28, 1)"},
      {concatenate({pictures, open * floats({1, 1, 1, 3})}, 3), "(None, 28, 28, 4)"},
      {pad(open, {0, 1, 1, 2}, {0, 1, 1, 0}), "(None, None, None, 5)"},
      {sum(pictures, {1, 2}), "(None, 1)"},
      {mean(pictures, {0}), "(28, 28, 1)"},
      {max(pictures, {1, 2}, true), "(None, 1, 1, 1)"},
      {argmax(flatten(pictures)), "(None,)"},
      {softmax(flatten(pictures)), "(None, 784)"},
      {one_hot(of_type({kUnknown}, DType::int32), 10), "(None, 10)"},
      {cast(pictures, DType::float64), "(None, 28, 28, 1)"},
      {dropout(pictures, of_type({}, DType::int64), 0.5, 1, 1), "(None, 28, 28, 1)"},
      {stop_gradient(pictures), "(None, 28, 28, 1)"},
      {broadcast_to(floats({1, 3}), {kUnknown, 3}), "(None, 3)"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(to_string(one.value.shape()), one.shape) << one.value.node().op->name();
}

// A network is described before its batch is known; so are its gradients.
TEST(Shapes, GradientsOfUnknownBatches) {
  const Value x = floats({kUnknown, 12, 12, 1});
  const Parameter filters("filters", Tensor({3, 3, 1, 4})), dense("dense", Tensor({100, 10}));
  const Value y = matmul(flatten(max_pool(relu(convolution_2d(x, filters)))), dense);
  const Values d = gradients(mean(square(y)), {x, filters, dense});
  EXPECT_EQ(to_string(d[0].shape()), "(None, 12, 12, 1)");
  EXPECT_EQ(to_string(d[1].shape()), "(3, 3, 1, 4)");
  EXPECT_EQ(to_string(d[2].shape()), "(100, 10)");
}

TEST(Shapes, SizesThatOverflowAreRefused) {
  EXPECT_THROW((Shape{int64_t{1} << 40, int64_t{1} << 40}.count()), Error);
  EXPECT_THROW(reshape(floats({int64_t{1} << 40, int64_t{1} << 40}), {-1}), Error);
}

}  // namespace
}  // namespace folio
