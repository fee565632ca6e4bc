// Tensors, shapes and element types.
#include "folio/tensor/tensor.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "folio/base/error.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

constexpr DType kTypes[] = {DType::float32, DType::float64, DType::int32,
                            DType::int64,   DType::uint8,   DType::boolean};

TEST(Shape, CountsIndexesAndCompares) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape.count(), 24);
  EXPECT_EQ(shape.count(1, 3), 12);
  EXPECT_EQ(shape.count(2, 2), 1);
  EXPECT_EQ(Shape{}.count(), 1);
  EXPECT_EQ((Shape{5, 0}.count()), 0);
  EXPECT_EQ(shape[-1], 4);
  EXPECT_EQ(shape[0], 2);
  EXPECT_THROW(shape[3], InternalError);
  EXPECT_THROW(shape[-4], InternalError);
  EXPECT_EQ(shape.with(1, 9), (Shape{2, 9, 4}));
  EXPECT_EQ(shape.without(-1), (Shape{2, 3}));
  EXPECT_EQ(shape.inserted(0, 1), (Shape{1, 2, 3, 4}));
  EXPECT_EQ(shape.inserted(-1, 1), (Shape{2, 3, 4, 1}));
  EXPECT_EQ(shape.from(1), (Shape{3, 4}));
  EXPECT_EQ(shape.joined({5}), (Shape{2, 3, 4, 5}));
}

TEST(Shape, PrintsAsKerasDoes) {
  EXPECT_EQ(to_string(Shape{}), "()");
  EXPECT_EQ(to_string(Shape{7}), "(7,)");
  EXPECT_EQ(to_string(Shape{kUnknown, 28, 28, 1}), "(None, 28, 28, 1)");
}

TEST(Shape, UnknownDimensionsFitAll) {
  EXPECT_FALSE((Shape{kUnknown, 2}.known()));
  EXPECT_TRUE(compatible({kUnknown, 2}, {5, 2}));
  EXPECT_TRUE(compatible({kUnknown, 2}, {5, kUnknown}));
  EXPECT_FALSE(compatible({kUnknown, 2}, {5, 3}));
  EXPECT_FALSE(compatible({kUnknown}, {5, 3}));
}

TEST(Shape, RefusesProductsThatDoNotFit) {
  EXPECT_THROW((Shape{int64_t{1} << 32, int64_t{1} << 31}.count()), Error);
  EXPECT_THROW((Shape{kUnknown, 2}.count()), Error);
}

TEST(DType, NamesAndSizes) {
  const int64_t sizes[] = {4, 8, 4, 8, 1, 1};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(dtype_from(to_string(kTypes[i])), kTypes[i]);
    EXPECT_EQ(size_of(kTypes[i]), sizes[i]);
  }
  EXPECT_THROW(dtype_from("float16"), Error);
}

TEST(Tensor, StartsAsZerosOnAlignedMemory) {
  for (DType type : kTypes) {
    const Tensor tensor({3, 5}, type);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.raw()) % 64, 0u);
    EXPECT_EQ(tensor.bytes(), 15 * size_of(type));
    for (int64_t i = 0; i < 15; ++i) EXPECT_EQ(tensor.at(i), 0);
  }
  EXPECT_TRUE(Tensor().empty());
  EXPECT_EQ(Tensor({0, 4}).raw(), nullptr);
}

TEST(Tensor, RefusesImpossibleShapes) {
  EXPECT_THROW(Tensor({kUnknown, 2}), Error);
  EXPECT_THROW(Tensor({-5}), Error);
  EXPECT_THROW(Tensor({int64_t{1} << 62}), Error);
  EXPECT_THROW(Tensor::of<float>({2, 2}, {1, 2, 3}), Error);
  EXPECT_THROW(Tensor({2, 3}).reshaped({4}), Error);
}

TEST(Tensor, CopiesShareAndClonesDoNot) {
  Tensor a = Tensor::of<float>({2, 2}, {1, 2, 3, 4}), shared = a, clone = a.clone(), row = a.rows(1, 2),
         flat = a.reshaped({4});
  a.set(2, 9);
  EXPECT_EQ(shared.at(2), 9);
  EXPECT_EQ(clone.at(2), 3);
  EXPECT_EQ(row.at(0), 9);
  EXPECT_EQ(row.shape(), (Shape{1, 2}));
  EXPECT_EQ(flat.at(2), 9);
  EXPECT_TRUE(a.rows(1, 1).empty());
  EXPECT_THROW(a.rows(1, 3), Error);
  EXPECT_THROW(Tensor({20}).rows(10, 50), Error);
}

// Rows share ownership: they outlive the tensor they come from.
TEST(Tensor, RowsKeepTheirMemoryAlive) {
  Tensor row;
  { row = Tensor::of<double>({3, 2}, {1, 2, 3, 4, 5, 6}).rows(2, 3); }
  EXPECT_EQ(row.at(1), 6);
}

TEST(Tensor, KnowsWhereItEnds) {
  Tensor tensor({8, 10});
  for (const int64_t i : {int64_t{-1}, int64_t{80}, int64_t{1000}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_THROW(tensor.at(i), Error) << i;
    EXPECT_THROW(tensor.set(i, 1), Error) << i;
  }
  EXPECT_THROW(tensor.rows(1, 2).at(10), Error) << "of the row, not of the memory";
  EXPECT_THROW(Tensor().at(0), Error);
  EXPECT_EQ(tensor.at(79), 0);
}

TEST(Tensor, ViewsLookAtOthersMemory) {
  int32_t memory[] = {1, 2, 3};
  Tensor view = Tensor::view(memory, {3}, DType::int32);
  view.set(1, 7);
  EXPECT_EQ(memory[1], 7);
}

TEST(Tensor, CastsBetweenAllTypes) {
  for (DType from : kTypes)
    for (DType to : kTypes) {
      const Tensor source = Tensor::filled({3}, 1, from), result = source.cast(to);
      EXPECT_EQ(result.dtype(), to);
      for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(result.at(i), 1);
    }
  EXPECT_EQ(Tensor::scalar(-2.75, DType::float64).cast(DType::int32).at(0), -2);
}

TEST(Tensor, ReadsOnlyItsOwnType) {
  const Tensor tensor({2}, DType::int64);
  EXPECT_EQ(tensor.values<int64_t>().size(), 2u);
  EXPECT_THROW(tensor.data<float>(), InternalError);
}

TEST(Tensor, AssignsOnlyWhatFits) {
  Tensor target({2, 2});
  target.assign(Tensor::filled({2, 2}, 5));
  EXPECT_EQ(target.at(3), 5);
  EXPECT_THROW(target.assign(Tensor({4})), Error);
  EXPECT_THROW(target.assign(Tensor({2, 2}, DType::int32)), Error);
}

TEST(Tensor, Prints) {
  EXPECT_EQ(to_string(Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6.5f})),
            "Tensor (2, 3) float32 [[1, 2, 3], [4, 5, 6.5]]");
  EXPECT_EQ(to_string(Tensor::scalar(3, DType::int64)), "Tensor () int64 3");
  EXPECT_EQ(to_string(Tensor({0})), "Tensor (0,) float32 []");
  Tensor long_one({20}, DType::int32);
  for (int i = 0; i < 20; ++i) long_one.set(i, i);
  EXPECT_EQ(to_string(long_one), "Tensor (20,) int32 [0, 1, 2, 3, …, 16, 17, 18, 19]");
  Tensor tall({20, 2}, DType::int32);
  for (int i = 0; i < 40; ++i) tall.set(i, i);
  EXPECT_NE(to_string(tall).find("[6, 7], …, [32, 33]"), std::string::npos) << to_string(tall);
}

TEST(Tensor, IsReadByRowAndColumn) {
  const Tensor t = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(t.at(1, 2), 6);
  EXPECT_EQ(t.at(0, 1), 2);
  Tensor copy = t.clone();
  copy.set({1, 0}, 9);
  EXPECT_EQ(copy.at(3), 9);
  EXPECT_EQ(t.at(3), 4);
  EXPECT_NE(error_of([&] { t.at(1, 3); }).find("expected an index from 0 to 2 in dimension 1, got 3"),
            std::string::npos);
  EXPECT_NE(error_of([&] { t.at(-1, 0); }).find("in dimension 0"), std::string::npos);
  EXPECT_NE(error_of([&] { t.at(0, 0, 0); }).find("expected 2 indices, got 3"), std::string::npos);
  std::ostringstream out;
  out << t;
  EXPECT_EQ(out.str(), "Tensor (2, 3) float32 [[1, 2, 3], [4, 5, 6]]");
}

}  // namespace
}  // namespace folio
