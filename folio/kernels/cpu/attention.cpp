// Attention by blocks of queries: of the matrix of all queries and keys only a few rows are there at a time,
// and the gradient makes them once more.
#include "folio/ops/attention.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "folio/base/checked.h"
#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"

namespace folio {
namespace {

constexpr int64_t kBlock = 32;  // queries at a time: their scores stay in the cache
// Up to this width the first columns of packed keys can be taken by themselves.
constexpr int64_t kMostWidth = 256;
constexpr float kHidden = -std::numeric_limits<float>::infinity();

/// Memory of one head, in parts that begin at multiples of 64 bytes.
class Scratch {
 public:
  explicit Scratch(void* memory = nullptr) : memory_(static_cast<char*>(memory)) {}
  float* take(int64_t floats) {
    auto* place = reinterpret_cast<float*>(memory_ + used_);
    used_ += round_up(floats * 4, 64);
    return memory_ ? place : nullptr;
  }
  int64_t used() const { return used_; }

 private:
  char* memory_;
  int64_t used_ = 0;
};

/// One head of one example: rows lie so far apart.
struct Head {
  const float *q, *k, *v;
  int64_t q_row, k_row, v_row, y_row;
  const float *query_mask, *key_mask, *pairs;  ///< null where all count
  int64_t pairs_query, pairs_key;              ///< steps of the mask of pairs
};

class Block {
 public:
  Block(const AttentionSizes& sizes, const AttentionSettings& settings) : s(sizes), settings_(settings) {}

  /// Weights of `rows` queries from `first` on, (rows, columns); columns beyond weigh nothing.
  struct Weights {
    int64_t rows, columns;
    bool hidden[kBlock];  ///< queries that look at nothing
  };

  /// `queries`: their scaled copy; `keys`: packed keyᵀ.
  Weights weigh(const Head& head, int64_t first, const float* keys, float* queries, float* weights) const {
    const cpu::Functions& f = cpu::functions();
    Weights w{std::min(kBlock, s.queries - first), 0, {}};
    const int64_t last = first + w.rows;
    const bool fewer = settings_.causal && s.width <= kMostWidth;
    w.columns = fewer ? std::min(s.keys, round_up(last, f.panel)) : s.keys;
    const bool masked = head.query_mask || head.key_mask || head.pairs;
    for (int64_t r = 0; masked && r < w.rows; ++r) {
      w.hidden[r] = looks_at_nothing(head, first + r);
      // The mean of all values needs all of them.
      if (w.hidden[r] && !settings_.zero_where_masked) w.columns = s.keys;
    }
    for (int64_t r = 0; r < w.rows; ++r)
      for (int64_t d = 0; d < s.width; ++d)
        queries[r * s.width + d] = head.q[(first + r) * head.q_row + d] * static_cast<float>(settings_.scale);
    f.matrix_product({.a = queries,
                      .a_row = s.width,
                      .a_column = 1,
                      .b = keys,
                      .b_row = 0,
                      .b_packed = true,
                      .c = weights,
                      .c_row = w.columns,
                      .m = w.rows,
                      .n = w.columns,
                      .k = s.width,
                      .accumulate = false});
    for (int64_t r = 0; r < w.rows; ++r)
      hide(head, first + r, weights + r * w.columns, w.columns, w.hidden[r]);
    f.softmax(weights, w.rows, w.columns, weights);
    for (int64_t r = 0; r < w.rows; ++r)
      if (w.hidden[r] && settings_.zero_where_masked) std::fill_n(weights + r * w.columns, w.columns, 0.0f);
    return w;
  }

  const AttentionSizes s;

 private:
  int64_t seen(int64_t query) const { return settings_.causal ? std::min(s.keys, query + 1) : s.keys; }

  bool looks_at_nothing(const Head& head, int64_t query) const {
    if (head.query_mask && head.query_mask[query] == 0) return true;
    if (!head.key_mask && !head.pairs) return false;
    for (int64_t i = 0, n = seen(query); i < n; ++i)
      if ((!head.key_mask || head.key_mask[i] != 0) &&
          (!head.pairs || head.pairs[query * head.pairs_query + i * head.pairs_key] != 0))
        return false;
    return true;
  }

  void hide(const Head& head, int64_t query, float* scores, int64_t columns, bool all) const {
    if (all) return static_cast<void>(std::fill_n(scores, columns, 0.0f));
    const int64_t n = std::min(columns, seen(query));
    if (head.key_mask)
      for (int64_t i = 0; i < n; ++i) scores[i] = head.key_mask[i] != 0 ? scores[i] : kHidden;
    if (head.pairs) {
      const float* pairs = head.pairs + query * head.pairs_query;
      for (int64_t i = 0; i < n; ++i) scores[i] = pairs[i * head.pairs_key] != 0 ? scores[i] : kHidden;
    }
    std::fill(scores + n, scores + columns, kHidden);
  }

  AttentionSettings settings_;
};

/// What both kernels share: where heads lie. Units are examples, or groups of heads that share a key.
class AttentionKernelBase : public Kernel {
 public:
  AttentionKernelBase(const KernelRequest& request, const AttentionSettings& settings,
                      AttentionOp::Kept masks, size_t first, bool by_rows)
      : block_(AttentionSizes(request.inputs[first].type.shape, request.inputs[first + 1].type.shape,
                              request.inputs[first + 2].type.shape),
               settings),
        masks_(masks),
        first_(first),
        by_rows_(by_rows) {
    if (masks.pairs) pairs_ = request.inputs.back().type.shape;
  }

 protected:
  /// Calls body(example, group), where examples count from the operands' places.
  template <class Body>
  void for_each_group(const Task& task, Body&& body) const {
    const int64_t groups = block_.s.groups;
    for (int64_t unit = task.first; unit < task.last; ++unit)
      if (by_rows_)
        for (int64_t g = 0; g < groups; ++g) body(unit - task.first, g);
      else
        body(unit / groups, unit % groups);
  }

  Head head(const Task& task, int64_t example, int64_t h) const {
    const AttentionSizes& s = block_.s;
    const auto operand = [&](size_t i) { return static_cast<const float*>(task.operands[i]); };
    const int64_t group = h / (s.heads / s.groups);
    Head head{};
    head.q_row = s.heads * s.width, head.k_row = s.groups * s.width;
    head.v_row = s.groups * s.value_width, head.y_row = s.heads * s.value_width;
    head.q = operand(first_) + example * s.queries * head.q_row + h * s.width;
    head.k = operand(first_ + 1) + example * s.keys * head.k_row + group * s.width;
    head.v = operand(first_ + 2) + example * s.keys * head.v_row + group * s.value_width;
    size_t at = first_ + 3;
    if (masks_.queries) head.query_mask = operand(at++) + example * s.queries;
    if (masks_.keys) head.key_mask = operand(at++) + example * s.keys;
    if (masks_.pairs) {
      const auto step = [&](int d) { return pairs_[d] == 1 ? 0 : pairs_.count(d + 1, 4); };
      head.pairs = operand(at) + example * step(0) + h * step(1);
      head.pairs_query = step(2), head.pairs_key = step(3);
    }
    return head;
  }

  Block block_;
  AttentionOp::Kept masks_;
  size_t first_;
  bool by_rows_;
  Shape pairs_;
};

class AttentionKernel final : public AttentionKernelBase {
 public:
  using AttentionKernelBase::AttentionKernelBase;
  std::string name() const override { return "Attention"; }
  int64_t scratch_bytes(int64_t) const override { return Memory(block_.s, nullptr).bytes; }

  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    const AttentionSizes& s = block_.s;
    Memory memory(s, task.scratch);
    auto* results = static_cast<float*>(task.operands[3 + masks_.queries + masks_.keys + masks_.pairs]);
    for_each_group(task, [&](int64_t example, int64_t g) {
      const int64_t served = s.heads / s.groups;
      for (int64_t h = g * served; h < (g + 1) * served; ++h) {
        const Head head = this->head(task, example, h);
        if (h == g * served) {
          f.pack(head.k, 1, head.k_row, s.width, s.keys, 0, divide_up(s.keys, f.panel), memory.keys);
          f.pack(head.v, head.v_row, 1, s.keys, s.value_width, 0, divide_up(s.value_width, f.panel),
                 memory.values);
        }
        float* y = results + example * s.queries * head.y_row + h * s.value_width;
        for (int64_t t = 0; t < s.queries; t += kBlock) {
          const Block::Weights w = block_.weigh(head, t, memory.keys, memory.queries, memory.weights);
          product(w, memory, head, y + t * head.y_row);
        }
      }
    });
  }

 private:
  struct Memory {
    Memory(const AttentionSizes& s, void* scratch) {
      Scratch all(scratch);
      keys = all.take(cpu::functions().packed_size(s.width, s.keys));
      values = all.take(cpu::functions().packed_size(s.keys, s.value_width));
      queries = all.take(kBlock * s.width);
      weights = all.take(kBlock * s.keys);
      bytes = all.used();
    }
    float *keys, *values, *queries, *weights;
    int64_t bytes;
  };

  void product(const Block::Weights& w, const Memory& memory, const Head& head, float* y) const {
    const AttentionSizes& s = block_.s;
    // The packed values are those of all keys: with fewer, they are read where they lie.
    const bool packed = w.columns == s.keys;
    cpu::functions().matrix_product({.a = memory.weights,
                                     .a_row = w.columns,
                                     .a_column = 1,
                                     .b = packed ? memory.values : head.v,
                                     .b_row = head.v_row,
                                     .b_packed = packed,
                                     .c = y,
                                     .c_row = head.y_row,
                                     .m = w.rows,
                                     .n = s.value_width,
                                     .k = w.columns,
                                     .accumulate = false});
  }
};

class AttentionGradientKernel final : public AttentionKernelBase {
 public:
  using AttentionKernelBase::AttentionKernelBase;
  std::string name() const override { return "AttentionGradient"; }
  int64_t scratch_bytes(int64_t) const override { return Memory(block_.s, nullptr).bytes; }

  void run(const Task& task) const override {
    const cpu::Functions& f = cpu::functions();
    const AttentionSizes& s = block_.s;
    Memory memory(s, task.scratch);
    const size_t outputs = 4 + masks_.queries + masks_.keys + masks_.pairs;
    const auto output = [&](size_t i) { return static_cast<float*>(task.operands[outputs + i]); };
    const int64_t served = s.heads / s.groups;
    for_each_group(task, [&](int64_t example, int64_t g) {
      float *dk = nullptr, *dv = nullptr;
      for (int64_t h = g * served; h < (g + 1) * served; ++h) {
        const Head head = this->head(task, example, h);
        if (h == g * served) {
          f.pack(head.k, 1, head.k_row, s.width, s.keys, 0, divide_up(s.keys, f.panel), memory.keys);
          f.pack(head.v, 1, head.v_row, s.value_width, s.keys, 0, divide_up(s.keys, f.panel), memory.values);
          dk = output(1) + example * s.keys * head.k_row + g * s.width;
          dv = output(2) + example * s.keys * head.v_row + g * s.value_width;
          for (int64_t i = 0; i < s.keys; ++i) {
            std::fill_n(dk + i * head.k_row, s.width, 0.0f);
            std::fill_n(dv + i * head.v_row, s.value_width, 0.0f);
          }
        }
        const float* dy = static_cast<const float*>(task.operands[0]) + example * s.queries * head.y_row +
                          h * s.value_width;
        float* dq = output(0) + example * s.queries * head.q_row + h * s.width;
        for (int64_t t = 0; t < s.queries; t += kBlock)
          block_gradient(head, t, memory, dy + t * head.y_row, dq + t * head.q_row, dk, dv);
      }
    });
  }

 private:
  struct Memory {
    Memory(const AttentionSizes& s, void* scratch) {
      Scratch all(scratch);
      keys = all.take(cpu::functions().packed_size(s.width, s.keys));
      values = all.take(cpu::functions().packed_size(s.value_width, s.keys));
      queries = all.take(kBlock * s.width);
      weights = all.take(kBlock * s.keys);
      dweights = all.take(kBlock * s.keys);
      bytes = all.used();
    }
    float *keys, *values, *queries, *weights, *dweights;
    int64_t bytes;
  };

  void block_gradient(const Head& head, int64_t first, const Memory& memory, const float* dy, float* dq,
                      float* dk, float* dv) const {
    const cpu::Functions& f = cpu::functions();
    const AttentionSizes& s = block_.s;
    const Block::Weights w = block_.weigh(head, first, memory.keys, memory.queries, memory.weights);
    // dV += Pᵀ · dY
    f.matrix_product({.a = memory.weights,
                      .a_row = 1,
                      .a_column = w.columns,
                      .b = dy,
                      .b_row = head.y_row,
                      .b_packed = false,
                      .c = dv,
                      .c_row = head.v_row,
                      .m = w.columns,
                      .n = s.value_width,
                      .k = w.rows,
                      .accumulate = true});
    // dP = dY · Vᵀ
    f.matrix_product({.a = dy,
                      .a_row = head.y_row,
                      .a_column = 1,
                      .b = memory.values,
                      .b_row = 0,
                      .b_packed = true,
                      .c = memory.dweights,
                      .c_row = w.columns,
                      .m = w.rows,
                      .n = w.columns,
                      .k = s.value_width,
                      .accumulate = false});
    f.softmax_gradient(memory.dweights, memory.weights, w.rows, w.columns, memory.dweights);
    // No score decides what queries get that look at nothing.
    for (int64_t r = 0; r < w.rows; ++r)
      if (w.hidden[r]) std::fill_n(memory.dweights + r * w.columns, w.columns, 0.0f);
    // dQ = scale · dS · K
    f.matrix_product({.a = memory.dweights,
                      .a_row = w.columns,
                      .a_column = 1,
                      .b = head.k,
                      .b_row = head.k_row,
                      .b_packed = false,
                      .c = dq,
                      .c_row = head.q_row,
                      .m = w.rows,
                      .n = s.width,
                      .k = w.columns,
                      .accumulate = false});
    for (int64_t r = 0; r < w.rows; ++r)
      for (int64_t d = 0; d < s.width; ++d) dq[r * head.q_row + d] *= static_cast<float>(scale_);
    // dK += dSᵀ · scaled Q
    f.matrix_product({.a = memory.dweights,
                      .a_row = 1,
                      .a_column = w.columns,
                      .b = memory.queries,
                      .b_row = s.width,
                      .b_packed = false,
                      .c = dk,
                      .c_row = head.k_row,
                      .m = w.columns,
                      .n = s.width,
                      .k = w.rows,
                      .accumulate = true});
  }

 public:
  void set_scale(double scale) { scale_ = scale; }

 private:
  double scale_ = 1;
};

}  // namespace

std::optional<ChosenKernel> attention_kernel(const KernelRequest& request, std::string& refusal) {
  const auto* forward = dynamic_cast<const AttentionOp*>(&request.op);
  const auto* backward = dynamic_cast<const AttentionGradientOp*>(&request.op);
  const AttentionSettings& settings = forward ? forward->settings() : backward->settings();
  const AttentionOp::Kept& masks = forward ? forward->masks() : backward->masks();
  const size_t first = forward ? 0 : 1;
  for (const RequestedValue& input : request.inputs)
    if (input.type.shape.count() == 0) return refusal = "no elements", std::nullopt;
  const Shape &query = request.inputs[first].type.shape, &key = request.inputs[first + 1].type.shape;
  ChosenKernel chosen;
  // Examples are rows of the batch; of a single one the heads are shared out.
  chosen.by_rows = query[0] > 1;
  chosen.units = chosen.by_rows ? query[0] : key[2];
  if (forward) {
    chosen.kernel = std::make_shared<AttentionKernel>(request, settings, masks, first, chosen.by_rows);
  } else {
    const auto kernel =
        std::make_shared<AttentionGradientKernel>(request, settings, masks, first, chosen.by_rows);
    kernel->set_scale(settings.scale);
    chosen.kernel = kernel;
  }
  return chosen;
}

}  // namespace folio
