// Lets cells of large pictures be rows. Rows of the batch are few then, and what one of them touches leaves
// every cache: a convolution, its normalization and activation, and a 1x1 convolution behind them go cell by
// cell, in chunks that stay in cache, and threads share one picture.
#include <algorithm>
#include <map>
#include <numeric>

#include "folio/base/checked.h"
#include "folio/compiler/passes.h"
#include "folio/ops/cell_convolution.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

constexpr int64_t kLargePicture = 192 << 10;  // bytes, of which several are touched at once
constexpr double kWorthSharing = 2e6;         // operations of a convolution of one picture

class Cells {
 public:
  explicit Cells(Program& program) : program_(program), renamed_(program.values.size()) {
    std::iota(renamed_.begin(), renamed_.end(), 0);
  }

  void run() {
    const size_t count = program_.nodes.size();
    for (size_t n = 0; n < count; ++n) {
      // A copy: adding nodes moves the others.
      const ProgramNode node = program_.nodes[n];
      if (node.out.size() != 1 || !picture(node.out[0])) continue;
      const int cells = in_cells(node);
      if (cells < 0) continue;
      cells_[node.out[0]] = cells;
      renamed_[node.out[0]] = add(std::make_shared<ReshapeOp>(shape(node.out[0])), {cells}, node.scope);
    }
    program_.rename(renamed_);
  }

 private:
  // The node's output as (cells, channels), or -1 when its rows are pictures for good.
  int in_cells(const ProgramNode& node) {
    if (const auto* convolution = dynamic_cast<const Convolution2DOp*>(node.op.get())) {
      const ConvolutionGeometry g = convolution->geometry(node.node);
      if (g.kh == 1 && g.kw == 1 && g.stride_h == 1 && g.stride_w == 1 && g.groups == 1) {
        const int kernel = add(std::make_shared<ReshapeOp>(Shape{g.c, g.k}), {node.in[1]}, node.scope);
        return add(std::make_shared<MatMulOp>(false, false), {cells_of(node.in[0], node.scope), kernel},
                   node.scope);
      }
      return add(std::make_shared<CellConvolution2DOp>(convolution->options()), {now(node.in[0]), node.in[1]},
                 node.scope);
    }
    const auto* concatenate = dynamic_cast<const ConcatenateOp*>(node.op.get());
    const bool joins = concatenate && concatenate->axis() == 3;
    if (!joins && !dynamic_cast<const ElementwiseOp*>(node.op.get())) return -1;
    // What no convolution made stays as it is.
    if (std::none_of(node.in.begin(), node.in.end(), [&](int id) { return cells_.count(id) > 0; })) return -1;
    const Shape whole = shape(node.out[0]);
    std::vector<int> in;
    for (int id : node.in) {
      const Shape operand = shape(id);
      if (joins ? picture(id) : operand == whole)
        in.push_back(cells_of(id, node.scope));
      else if (!joins && operand.rank() <= 1)
        in.push_back(now(id));
      else if (!joins && operand.count() == operand[-1])  // channels, with dimensions of 1 before them
        in.push_back(add(std::make_shared<ReshapeOp>(Shape{operand[-1]}), {now(id)}, node.scope));
      else
        return -1;
    }
    return add(joins ? std::make_shared<ConcatenateOp>(1) : node.op, in, node.scope);
  }

  bool picture(int id) const {
    const ProgramValue& value = program_.values[id];
    return value.type.shape.rank() == 4 && value.type.shape.count() > 0 && value.type.dtype == DType::float32;
  }
  int cells_of(int id, const std::string& scope) {
    if (const auto known = cells_.find(id); known != cells_.end()) return known->second;
    const Shape s = shape(id);
    return cells_[id] = add(std::make_shared<ReshapeOp>(Shape{s.count(0, 3), s[3]}), {now(id)}, scope);
  }
  int add(std::shared_ptr<const Op> op, std::vector<int> in, const std::string& scope) {
    return program_.add_node(std::move(op), std::move(in), scope);
  }
  Shape shape(int id) const { return program_.values[id].type.shape; }
  int now(int id) const { return static_cast<size_t>(id) < renamed_.size() ? renamed_[id] : id; }

  Program& program_;
  std::vector<int> renamed_;
  std::map<int, int> cells_;  ///< by value: the same as (cells, channels)
};

// Gradients are sums over pictures, which want rows of the batch. Threads have no say: they change no bits.
bool worth_it(const Program& program) {
  bool worth = false;
  for (const ProgramNode& node : program.nodes) {
    const auto* convolution = dynamic_cast<const ConvolutionOp*>(node.op.get());
    if (!convolution) continue;
    if (!dynamic_cast<const Convolution2DOp*>(convolution)) return false;
    const ProgramValue& y = program.values[node.out[0]];
    worth = worth || row_bytes(y) >= kLargePicture ||
            (y.type.shape[0] == 1 && convolution->flops(node.node) >= kWorthSharing);
  }
  return worth;
}

}  // namespace

void rows_of_cells(Program& program) {
  if (worth_it(program)) Cells(program).run();
}

}  // namespace folio
