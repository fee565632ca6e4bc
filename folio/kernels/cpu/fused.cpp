// Chains of element by element ops, run block by block so that everything between the first read and the last
// write stays in the first-level cache.
#include <algorithm>
#include <cstring>
#include <numeric>
#include <unordered_map>

#include "folio/kernels/candidates.h"
#include "folio/kernels/cpu/functions.h"
#include "folio/ops/dropout.h"
#include "folio/ops/fused.h"

namespace folio {
namespace {

using cpu::kLanes;

// Floats of a block: a handful of slots and operands then fit into the first-level cache together.
constexpr int64_t kBlock = 512;
constexpr int64_t kLongestBlock = 2048;
// Slots do not lie a multiple of 4 KiB apart: loads would wait for stores to other slots that look alike to
// the processor.
constexpr int64_t kSlotGap = 48;

const std::unordered_map<std::string, cpu::Code>& codes() {
  using enum cpu::Code;
  static const std::unordered_map<std::string, cpu::Code> map = {
      {"Negate", negate},
      {"Absolute", absolute},
      {"Sign", sign},
      {"Square", square},
      {"SquareRoot", square_root},
      {"ReciprocalSquareRoot", reciprocal_square_root},
      {"Reciprocal", reciprocal},
      {"Exponential", exponential},
      {"ExponentialMinusOne", exponential_minus_one},
      {"Logarithm", logarithm},
      {"LogarithmOnePlus", logarithm_one_plus},
      {"Sine", sine},
      {"Cosine", cosine},
      {"Tanh", tanh},
      {"Sigmoid", sigmoid},
      {"ErrorFunction", erf},
      {"Relu", relu},
      {"Softplus", softplus},
      {"Floor", floor},
      {"Round", round},
      {"Add", add},
      {"Subtract", subtract},
      {"Multiply", multiply},
      {"Divide", divide},
      {"Maximum", maximum},
      {"Minimum", minimum},
      {"Power", power},
      {"Less", less},
      {"LessEqual", less_equal},
      {"Greater", greater},
      {"GreaterEqual", greater_equal},
      {"Equal", equal},
      {"NotEqual", not_equal},
      {"ReluUpTo", relu_up_to},
      {"Select", select},
      {"MultiplyAdd", multiply_add},
      {"Approach", approach},
      {"OverRoot", over_root}};
  return map;
}

/// How a stretched operand is read: element e of the block is source[((e / (middle * inner)) % outer) * inner
/// + e % inner].
struct Pattern {
  int64_t outer = 1, middle = 1, inner = 1;
  int64_t period() const { return outer * middle * inner; }
};

// Splits the dimensions of `in` against `shape`, innermost first, into kept, stretched, kept, stretched.
// Empty when the operand is stretched in a more complicated way.
std::optional<Pattern> pattern_of(const Shape& in, const Shape& shape, int first_dim) {
  Pattern pattern;
  int phase = 0;  // 0 inner kept, 1 middle stretched, 2 outer kept, 3 leading stretched
  for (int d = shape.rank() - 1; d >= first_dim; --d) {
    const int at = d - (shape.rank() - in.rank());
    const int64_t size = shape[d];
    if (size == 1) continue;
    const bool kept = at >= 0 && in[at] == size;
    if (kept && (phase == 1)) phase = 2;
    if (!kept && (phase == 0 || phase == 2)) ++phase;
    if (kept && phase == 3) return std::nullopt;
    if (phase == 0) pattern.inner *= size;
    if (phase == 1) pattern.middle *= size;
    if (phase == 2) pattern.outer *= size;
  }
  return pattern;
}

enum class Source : uint8_t { memory, single, slot };
struct Argument {
  Source source = Source::memory;
  int index = 0;    ///< operand or slot
  int64_t row = 0;  ///< floats from one row to the next, where rows may lie apart
};

// How the rows of an operand are read where they may lie apart: each by itself, one for all, a single value
// of each, or one value for all.
enum class RowUse { whole, same, single_of_row, single };

std::optional<RowUse> row_use(const Shape& in, const Shape& shape) {
  if (in == shape) return RowUse::whole;
  if (in.count() == 1) return RowUse::single;
  if (in.rank() == shape.rank() && in[0] == shape[0] && in.count() == shape[0]) return RowUse::single_of_row;
  const Shape row = shape.from(1);
  Shape one = in;
  while (one.rank() > row.rank() && one[0] == 1) one = one.from(1);
  return one == row ? std::optional(RowUse::same) : std::nullopt;
}

struct Instruction {
  cpu::BlockFunction function = nullptr;
  void (*rows_function)(const cpu::BlockRows&) = nullptr;
  Argument arguments[3];
  Argument target;
  int count = 0;
  bool joined = false;  ///< rows lie together in all operands
  // Dropout:
  bool dropout = false;
  uint64_t seed = 0;
  uint32_t site = 0;
  float rate = 0;
  int step_operand = 0;
};

struct Expansion {
  int operand, slot;
  Pattern pattern;
  bool rows;  ///< the operand has rows of its own
};

class FusedKernel final : public Kernel {
 public:
  std::string name() const override { return text_; }
  int64_t scratch_bytes(int64_t) const override { return slots_ * (block_ + kSlotGap) * 4; }

  void run(const Task& task) const override {
    if (apart_) return run_apart(task);
    auto* scratch = static_cast<float*>(task.scratch);
    const int64_t rows = task.last - task.first;
    const int64_t count = (lanes_ ? (rows + kLanes - 1) / kLanes * kLanes : rows) * features_;
    for (const Expansion& expansion : once_) expand(expansion, task, scratch, 0, block_);
    for (int64_t start = 0; start < count; start += block_) {
      const int64_t n = std::min(block_, count - start);
      for (const Expansion& expansion : each_) expand(expansion, task, scratch, start, n);
      const auto pointer = [&](const Argument& argument) -> float* {
        if (argument.source == Source::slot) return scratch + argument.index * (block_ + kSlotGap);
        auto* memory = static_cast<float*>(task.operands[argument.index]);
        return argument.source == Source::memory ? memory + start : memory;
      };
      for (const Instruction& i : instructions_) {
        if (i.dropout)
          run_dropout(i, task, pointer(i.arguments[0]), pointer(i.target), start, n);
        else
          i.function(pointer(i.target), pointer(i.arguments[0]),
                     i.count > 1 ? pointer(i.arguments[1]) : nullptr,
                     i.count > 2 ? pointer(i.arguments[2]) : nullptr, n);
      }
    }
  }

  static std::optional<ChosenKernel> make(const KernelRequest& request, std::string& refusal);

 private:
  // Some rows at a time, each operand with its own way from one row to the next.
  void run_apart(const Task& task) const {
    auto* scratch = static_cast<float*>(task.scratch);
    const int64_t rows = task.last - task.first, most = block_ / features_;
    for (int64_t first = 0; first < rows; first += most) {
      const auto at = [&](const Argument& argument) {
        return argument.source == Source::slot
                   ? scratch + argument.index * (block_ + kSlotGap)
                   : static_cast<float*>(task.operands[argument.index]) + first * argument.row;
      };
      for (const Instruction& i : instructions_) {
        cpu::BlockRows block{};
        block.dst = at(i.target);
        block.dst_row = i.target.row;
        block.a = {at(i.arguments[0]), i.arguments[0].row};
        if (i.count > 1) block.b = {at(i.arguments[1]), i.arguments[1].row};
        if (i.count > 2) block.c = {at(i.arguments[2]), i.arguments[2].row};
        block.rows = std::min(most, rows - first);
        block.n = features_;
        if (i.joined) block.n *= block.rows, block.rows = 1;
        i.rows_function(block);
      }
    }
  }

  void expand(const Expansion& e, const Task& task, float* scratch, int64_t start, int64_t n) const {
    const auto* from = static_cast<const float*>(task.operands[e.operand]);
    float* to = scratch + e.slot * (block_ + kSlotGap);
    const Pattern& p = e.pattern;
    const int64_t unit = lanes_ ? kLanes : 1;
    start /= unit;
    n /= unit;
    for (int64_t done = 0; done < n;) {
      const int64_t at = start + done, in = at % p.inner, middle = (at / p.inner) % p.middle,
                    outer = at / (p.inner * p.middle) % p.outer;
      // Rows of an operand in lanes lie apart by its own features.
      const int64_t group = lanes_ && e.rows ? at / features_ * p.outer * p.inner : 0;
      const float* source = from + (group + outer * p.inner + in) * (lanes_ && e.rows ? kLanes : 1);
      const int64_t run = std::min(n - done, p.inner > 1 ? p.inner - in : p.middle - middle);
      float* target = to + done * unit;
      if (!lanes_) {
        if (p.inner > 1)
          std::memcpy(target, source, static_cast<size_t>(run) * 4);
        else
          std::fill(target, target + run, *source);
      } else {
        for (int64_t i = 0; i < run; ++i) {
          const float* value = source + (p.inner > 1 ? i * (e.rows ? kLanes : 1) : 0);
          if (e.rows)
            std::memcpy(target + i * kLanes, value, kLanes * 4);
          else
            std::fill(target + i * kLanes, target + (i + 1) * kLanes, *value);
        }
      }
      done += run;
    }
  }

  void run_dropout(const Instruction& i, const Task& task, const float* x, float* y, int64_t start,
                   int64_t n) const {
    const auto step = static_cast<uint32_t>(*static_cast<const int64_t*>(task.operands[i.step_operand]));
    const cpu::StreamKey key{static_cast<uint32_t>(i.seed), static_cast<uint32_t>(i.seed >> 32), i.site,
                             step};
    const cpu::Functions& f = cpu::functions();
    const int64_t unit = lanes_ ? kLanes : 1;
    for (int64_t done = 0; done < n;) {
      const int64_t at = (start + done) / unit, row = at / features_, feature = at % features_,
                    left = (n - done) / unit;
      const float* from = x + done;
      float* to = y + done;
      if (lanes_) {
        const int64_t run = std::min(features_ - feature, left);
        f.lanes_dropout(key, i.rate, task.first + row * kLanes, feature, run, from, to);
        done += run * kLanes;
      } else if (feature == 0 && left >= features_) {
        const int64_t rows = left / features_;
        f.dropout(key, i.rate, task.first + row, rows, 0, features_, features_, from, to);
        done += rows * features_;
      } else {
        const int64_t run = std::min(features_ - feature, left);
        f.dropout(key, i.rate, task.first + row, 1, feature, run, features_, from, to);
        done += run;
      }
    }
  }

  std::string text_;
  std::vector<Instruction> instructions_;
  std::vector<Expansion> once_, each_;
  int64_t features_ = 1, block_ = kBlock, slots_ = 0;
  bool lanes_ = false, apart_ = false;
};

/// An instruction on its way to the kernel.
struct Prepared {
  std::string name;
  const Op* op;
  std::vector<int> arguments;
  bool folded = false;  ///< part of a later instruction
};

// Instructions whose only user can do their work on the way become part of it. The bits stay the same but for
// the rounding that a multiply-add spares.
std::vector<Prepared> prepare(const FusedElementwiseOp& op) {
  const int inputs = op.inputs();
  std::vector<Prepared> list;
  std::vector<int> uses(static_cast<size_t>(inputs) + op.instructions().size(), 0);
  for (const auto& instruction : op.instructions()) {
    list.push_back({instruction.op->name(), instruction.op.get(), instruction.arguments});
    for (int argument : instruction.arguments) ++uses[argument];
  }
  for (int result : op.results()) uses[inputs + result] += 2;  // must be made for its own sake
  // The instruction that makes an argument, when it has that name and nobody else needs it.
  const auto maker = [&](int argument, const char* name) -> Prepared* {
    if (argument < inputs || uses[argument] != 1) return nullptr;
    Prepared& from = list[argument - inputs];
    return from.name == name ? &from : nullptr;
  };
  for (Prepared& to : list) {
    if (to.name == "Add") {
      for (int side : {0, 1}) {
        Prepared* product = maker(to.arguments[side], "Multiply");
        if (!product) continue;
        const int rest = to.arguments[1 - side];
        to.name = "MultiplyAdd";
        to.arguments = {product->arguments[0], product->arguments[1], rest};
        product->folded = true;
        for (int factor : {0, 1})
          if (Prepared* way = maker(to.arguments[factor], "Subtract"); way && way->arguments[1] == rest) {
            to.name = "Approach";
            to.arguments = {rest, way->arguments[0], to.arguments[1 - factor]};
            way->folded = true;
            break;
          }
        break;
      }
    } else if (to.name == "Minimum") {
      for (int side : {0, 1}) {
        Prepared* relu = maker(to.arguments[side], "Relu");
        if (!relu) continue;
        to.name = "ReluUpTo";
        to.arguments = {relu->arguments[0], to.arguments[1 - side]};
        relu->folded = true;
        break;
      }
    } else if (to.name == "Divide") {
      Prepared* sum = maker(to.arguments[1], "Add");
      for (int side : {0, 1})
        if (Prepared* root = sum ? maker(sum->arguments[side], "SquareRoot") : nullptr) {
          to.name = "OverRoot";
          to.arguments = {to.arguments[0], root->arguments[0], sum->arguments[1 - side]};
          sum->folded = root->folded = true;
          break;
        }
    }
  }
  return list;
}

// Hands out slots, the lowest free one first.
class Slots {
 public:
  int take() {
    for (size_t i = 0; i < used_.size(); ++i)
      if (!used_[i]) return used_[i] = true, static_cast<int>(i);
    used_.push_back(true);
    return static_cast<int>(used_.size()) - 1;
  }
  void release(int slot) { used_[static_cast<size_t>(slot)] = false; }
  int64_t count() const { return static_cast<int64_t>(used_.size()); }

 private:
  std::vector<bool> used_;
};

std::optional<ChosenKernel> FusedKernel::make(const KernelRequest& request, std::string& refusal) {
  const auto& op = static_cast<const FusedElementwiseOp&>(request.op);
  const Shape& shape = op.shape();
  const int inputs = op.inputs(), steps = static_cast<int>(op.instructions().size());
  auto kernel = std::make_shared<FusedKernel>();
  kernel->lanes_ = request.output_layouts[0] == Layout::lanes;
  kernel->features_ = shape.rank() > 0 ? shape.count(1, shape.rank()) : 1;

  // Where each input and each instruction's result is read from.
  std::vector<Argument> places(static_cast<size_t>(inputs + steps));
  std::vector<Expansion> expansions;
  Slots slots;
  kernel->apart_ = !request.strides.empty();
  for (int i = 0; i < inputs; ++i) {
    const Shape& in = request.inputs[i].type.shape;
    places[i] = {Source::memory, i};
    if (kernel->apart_) {
      const auto use = row_use(in, shape);
      if (!use) return refusal = "operand " + to_string(in) + " is stretched inside a row", std::nullopt;
      if (*use == RowUse::single || *use == RowUse::single_of_row) places[i].source = Source::single;
      if (*use == RowUse::whole || *use == RowUse::single_of_row) places[i].row = request.strides[i];
      continue;
    }
    if (in.count() == 1) {
      places[i].source = Source::single;
    } else if (in != shape) {
      // A batch of one has rows as well; only the layout tells them from what is stretched.
      const bool rows = kernel->lanes_ ? request.inputs[i].layout == Layout::lanes
                                       : in.rank() == shape.rank() && shape.rank() > 0 && in[0] == shape[0] &&
                                             shape[0] != 1;
      auto pattern = pattern_of(in, shape, kernel->lanes_ ? 1 : 0);
      // A vector along the last dimensions repeats after its own length.
      if (pattern && !rows && pattern->outer == 1 && pattern->inner > 1) pattern->middle = 1;
      if (!pattern)
        return refusal = "operand " + to_string(in) + " is stretched in more than one place", std::nullopt;
      places[i] = {Source::slot, slots.take()};
      expansions.push_back({i, places[i].index, *pattern, rows});
    }
  }
  // Stretched operands without rows repeat; when the block is a multiple of their period they are expanded
  // only once.
  const int64_t unit = kernel->lanes_ ? kLanes : 1;
  int64_t period = 1;
  for (const Expansion& e : expansions)
    if (!e.rows) period = std::lcm(period, e.pattern.period() * unit);
  const bool repeats = period <= kLongestBlock;
  if (repeats) kernel->block_ = std::max<int64_t>(1, kBlock / period) * period;
  kernel->block_ = (kernel->block_ + unit - 1) / unit * unit;
  if (kernel->apart_) kernel->block_ = std::max<int64_t>(1, kBlock / kernel->features_) * kernel->features_;
  for (const Expansion& e : expansions) (repeats && !e.rows ? kernel->once_ : kernel->each_).push_back(e);

  const std::vector<Prepared> prepared = prepare(op);
  // The last instruction that reads each result, and the last that reads memory: an output may share memory
  // with an input, so that outputs made before that point wait in a slot.
  std::vector<int> last_use(static_cast<size_t>(inputs + steps), -1);
  int last_memory_read = -1;
  for (int s = 0; s < steps; ++s)
    for (int argument : prepared[s].folded ? std::vector<int>() : prepared[s].arguments) {
      last_use[argument] = s;
      if (argument < inputs && places[argument].source != Source::slot) last_memory_read = s;
    }
  std::unordered_map<int, std::vector<int>> results;  // instruction -> outputs
  for (size_t r = 0; r < op.results().size(); ++r) results[op.results()[r]].push_back(static_cast<int>(r));

  const cpu::Functions& functions = cpu::functions();
  const auto block_function = [&](cpu::Code code, int mode) {
    return functions.block[static_cast<int>(code)][mode];
  };
  const auto output = [&](int r) -> Argument {
    return {Source::memory, inputs + r,
            kernel->apart_ ? request.strides[static_cast<size_t>(inputs + r)] : 0};
  };
  const auto joined = [&](const Instruction& instruction) {
    bool together = instruction.target.row == kernel->features_;
    for (int a = 0; a < instruction.count; ++a)
      together = together && instruction.arguments[a].row ==
                                 (instruction.arguments[a].source == Source::single ? 0 : kernel->features_);
    return together;
  };
  std::vector<std::pair<Argument, Argument>> copies;  // at the end of a block: from, to
  for (int s = 0; s < steps; ++s) {
    const Prepared& from = prepared[s];
    if (from.folded) continue;
    Instruction to;
    int mode = 0;
    const auto* drop = dynamic_cast<const DropoutOp*>(from.op);
    to.count = drop ? 1 : static_cast<int>(from.arguments.size());
    for (int a = 0; a < to.count; ++a) {
      to.arguments[a] = places[from.arguments[a]];
      if (to.arguments[a].source == Source::single) mode |= 1 << a;
    }
    for (int a = 0; a < to.count; ++a) {
      const int argument = from.arguments[a];
      if (argument >= inputs && last_use[argument] == s && places[argument].source == Source::slot &&
          !results.count(argument - inputs)) {
        slots.release(places[argument].index);
        last_use[argument] = -1;
      }
    }
    const auto result = results.find(s);
    if (result != results.end() && s >= last_memory_read) {
      to.target = output(result->second[0]);
      for (size_t r = 1; r < result->second.size(); ++r)
        copies.push_back({to.target, output(result->second[r])});
    } else {
      to.target = {Source::slot, slots.take(), kernel->features_};
      if (result != results.end())
        for (int r : result->second) copies.push_back({to.target, output(r)});
    }
    places[inputs + s] = to.target;
    if (drop) {
      if (kernel->apart_) return refusal = "dropout of rows apart", std::nullopt;
      if (to.arguments[0].source == Source::single) return refusal = "dropout of a scalar", std::nullopt;
      to.dropout = true;
      to.seed = drop->seed();
      to.site = drop->site();
      to.rate = static_cast<float>(drop->rate());
      to.step_operand = from.arguments[1];
    } else {
      const auto code = codes().find(from.name);
      if (code == codes().end()) return refusal = "no fast loop for " + from.name, std::nullopt;
      to.function = block_function(code->second, mode);
      to.rows_function = functions.block_rows[static_cast<int>(code->second)][mode];
      to.joined = joined(to);
    }
    kernel->text_ += (kernel->text_.empty() ? "" : " ") + from.name;
    kernel->instructions_.push_back(to);
  }
  for (const auto& [from, to] : copies) {
    Instruction copy;
    copy.count = 1;
    copy.arguments[0] = from;
    copy.target = to;
    copy.function = block_function(cpu::Code::copy, 0);
    copy.rows_function = functions.block_rows[static_cast<int>(cpu::Code::copy)][0];
    copy.joined = joined(copy);
    kernel->instructions_.push_back(copy);
  }
  kernel->slots_ = slots.count();
  ChosenKernel chosen;
  chosen.units = shape.rank() > 0 ? shape[0] : 1;
  chosen.by_rows = shape.rank() > 0;
  chosen.kernel = std::move(kernel);
  return chosen;
}

}  // namespace

std::optional<ChosenKernel> fused_kernel(const KernelRequest& request, std::string& refusal) {
  return FusedKernel::make(request, refusal);
}

bool fused_reads(const Shape& in, const Shape& shape, Layout layout) {
  return in.count() == 1 || in == shape || pattern_of(in, shape, layout == Layout::lanes ? 1 : 0).has_value();
}

bool fused_reads_apart(const Node& node) {
  const auto& op = static_cast<const FusedElementwiseOp&>(*node.op);
  bool can = op.shape().rank() > 0 && op.shape().count() > 0 && node.outputs[0].dtype == DType::float32;
  for (const Value& value : node.inputs)
    can = can && value.dtype() == DType::float32 && row_use(value.shape(), op.shape());
  for (const auto& instruction : op.instructions())
    can = can && !dynamic_cast<const DropoutOp*>(instruction.op.get());
  return can;
}

bool fused_knows(const Op& op) {
  return codes().count(op.name()) > 0 || dynamic_cast<const DropoutOp*>(&op) != nullptr;
}

}  // namespace folio
