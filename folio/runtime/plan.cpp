#include "folio/runtime/plan.h"

#include <fmt/format.h>

#include <cstring>
#include <mutex>

#include "folio/base/checked.h"
#include "folio/base/clock.h"
#include "folio/base/error.h"
#include "folio/base/threads.h"

namespace folio {
namespace {

// Runs units [first, last) of one step: binds the operands and calls the kernel.
inline void run_step(const Step& step, const uintptr_t* bases, int64_t scratch_offset, int64_t first,
                     int64_t last) {
  // The head of a thread's own memory is reserved for this list.
  auto* operands = reinterpret_cast<uintptr_t*>(bases[kLocal]);
  const size_t n = step.operands.size();
  for (size_t i = 0; i < n; ++i) {
    const Operand& operand = step.operands[i];
    operands[i] = bases[operand.space] + static_cast<uintptr_t>(operand.offset + first * operand.stride);
  }
  step.kernel->run({reinterpret_cast<void* const*>(operands), first, last,
                    reinterpret_cast<void*>(bases[kLocal] + static_cast<uintptr_t>(scratch_offset))});
}

struct Runner {
  const PlanContents& plan;
  const uintptr_t* bases;  // of a planned thread
  StepTime* times;         // null when not profiled

  void step(int index, int64_t first, int64_t last) const {
    const Step& step = plan.steps[static_cast<size_t>(index)];
    if (!times) {
      run_step(step, bases, plan.scratch_offset, first, last);
      return;
    }
    const double start = seconds_now();
    run_step(step, bases, plan.scratch_offset, first, last);
    times[index].seconds += seconds_now() - start;
    times[index].calls += 1;
  }

  void chain(const Chain& chain, int64_t first, int64_t last) const {
    if (chain.rows == 0)
      for (int s = chain.first_step; s < chain.last_step; ++s)
        step(s, 0, plan.steps[static_cast<size_t>(s)].units);
    for (int64_t next; first < last; first = next) {
      next = std::min(first + chain.chunk, last);
      for (int s = chain.first_step; s < chain.last_step; ++s) step(s, first, next);
    }
  }

  void all(const Stage& stage) const {
    for (const Chain& each : stage.chains) chain(each, 0, each.rows);
  }
};

// A run that threads share: the pieces of a stage are the shares it was divided into.
struct SharedRun final : SharedWork {
  SharedRun(const PlanContents& plan, const uintptr_t* bases, size_t width)
      : plan(plan), bases(bases), width(width) {}

  int stages() const override { return static_cast<int>(plan.stages.size()); }
  int pieces(int stage) const override {
    return plan.stages[static_cast<size_t>(stage)].parallel ? plan.threads : 1;
  }
  void run(int index, int share) const override {
    const Stage& stage = plan.stages[static_cast<size_t>(index)];
    const Runner runner{plan, bases + static_cast<size_t>(share) * width, nullptr};
    if (!stage.parallel) return runner.all(stage);
    for (const Stage::Share& part : stage.shares[static_cast<size_t>(share)])
      runner.chain(stage.chains[static_cast<size_t>(part.chain)], part.first, part.last);
  }

  const PlanContents& plan;
  const uintptr_t* bases;  // of the first planned thread; those of the others follow
  size_t width;            // of the bases of one
};

std::string describe(const Chain& chain) {
  if (chain.rows == 0) return "whole";
  return chain.chunk < chain.rows ? fmt::format("{} rows, {} at a time", chain.rows, chain.chunk)
                                  : fmt::format("{} rows", chain.rows);
}

}  // namespace

void PackedCopy::refresh(const std::vector<std::shared_ptr<PackedCopy>>& copies, int threads) {
  // One lock for all copies: plans may share some of them in any order.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  int64_t elements = 0;
  for (const auto& copy : copies) {
    copy->next_version_ = copy->parameter_.version();
    if (copy->stale()) elements += copy->parameter_.value().count();
  }
  // Threads cost some microseconds: worth it from some tens of thousands of elements on.
  const int shares = elements > 30000 ? threads : 1;
  in_parallel(shares, [&](int64_t share) {
    for (const auto& copy : copies) {
      if (copy->packed_version_.load(std::memory_order_relaxed) == copy->next_version_) continue;
      const int64_t n = copy->parts();
      copy->pack(n * share / shares, n * (share + 1) / shares);
    }
  });
  for (const auto& copy : copies) copy->packed_version_.store(copy->next_version_, std::memory_order_release);
}

Frame::Frame(const Plan& plan) : contents_(plan.handle()) {
  const PlanContents& c = *contents_;
  shared_ = Tensor({c.shared_bytes}, DType::uint8);
  for (int t = 0; t < c.threads; ++t) locals_.emplace_back(Shape{c.local_bytes}, DType::uint8);
  for (const TensorType& type : c.outputs) outputs_.emplace_back(type.shape, type.dtype);
  inputs_.resize(c.inputs.size());
  const size_t width = kFirstBound + outputs_.size() + inputs_.size();
  bases_.assign(width * static_cast<size_t>(c.threads), 0);
  for (int t = 0; t < c.threads; ++t) {
    uintptr_t* base = bases_.data() + static_cast<size_t>(t) * width;
    base[kShared] = reinterpret_cast<uintptr_t>(shared_.raw());
    base[kLocal] = reinterpret_cast<uintptr_t>(locals_[static_cast<size_t>(t)].raw());
    for (size_t i = 0; i < outputs_.size(); ++i)
      base[kFirstBound + i] = reinterpret_cast<uintptr_t>(outputs_[i].raw());
  }
  times_.resize(c.steps.size());
}

void Frame::set_input(int i, const Tensor& tensor) {
  const PlanContents& c = *contents_;
  if (i < 0 || static_cast<size_t>(i) >= c.inputs.size())
    throw Error(fmt::format("plan {}: expected at most {} inputs, got one more", c.name, c.inputs.size()));
  const TensorType& wanted = c.inputs[static_cast<size_t>(i)];
  if (tensor.shape() != wanted.shape || tensor.dtype() != wanted.dtype)
    throw Error(fmt::format("plan {}, input \"{}\": expected {}, got {} {}", c.name,
                            c.input_names[static_cast<size_t>(i)], to_string(wanted),
                            to_string(tensor.dtype()), to_string(tensor.shape())));
  inputs_[static_cast<size_t>(i)] = tensor;
  const size_t width = kFirstBound + outputs_.size() + inputs_.size();
  for (int t = 0; t < c.threads; ++t)
    bases_[static_cast<size_t>(t) * width + kFirstBound + outputs_.size() + static_cast<size_t>(i)] =
        reinterpret_cast<uintptr_t>(inputs_[static_cast<size_t>(i)].raw());
}

int64_t Frame::bytes() const {
  int64_t total = shared_.bytes();
  for (const Tensor& local : locals_) total += local.bytes();
  for (const Tensor& output : outputs_) total += output.bytes();
  return total;
}

void Plan::run(Frame& frame) const {
  const PlanContents& c = *contents_;
  if (frame.contents_ != contents_) throw InternalError("a frame was used with another plan");
  for (size_t i = 0; i < frame.inputs_.size(); ++i)
    if (!frame.inputs_[i].raw() && c.inputs[i].shape.count() > 0)
      throw Error(fmt::format("plan {}: input \"{}\" was not supplied", c.name, c.input_names[i]));
  for (const auto& copy : c.packed)
    if (copy->stale()) {
      PackedCopy::refresh(c.packed, c.threads);
      break;
    }
  const size_t width = frame.bases_.size() / static_cast<size_t>(c.threads);
  StepTime* times = frame.profiled_ ? frame.times_.data() : nullptr;
  if (c.parallel && c.threads > 1 && !times) {
    ThreadPool::shared().run(SharedRun(c, frame.bases_.data(), width), c.threads);
  } else {
    const Runner alone{c, frame.bases_.data(), times};
    for (const Stage& stage : c.stages) alone.all(stage);
  }
  for (Parameter parameter : c.updated) parameter.changed();
  for (const auto& copy : c.repacked) copy->follow();
}

std::vector<Tensor> Plan::operator()(const std::vector<Tensor>& inputs) const {
  Frame frame(*this);
  if (inputs.size() != contents_->inputs.size())
    throw Error(fmt::format("plan {}: expected {} inputs, got {}", contents_->name, contents_->inputs.size(),
                            inputs.size()));
  for (size_t i = 0; i < inputs.size(); ++i) frame.set_input(static_cast<int>(i), inputs[i]);
  run(frame);
  return frame.outputs();
}

std::string Plan::print() const {
  const PlanContents& c = *contents_;
  std::string text = fmt::format(
      "plan {}: {} steps in {} stages, {} threads, {:.1f} KiB shared, {:.1f} KiB per thread, compiled in "
      "{:.2f} ms\n",
      c.name, c.steps.size(), c.stages.size(), c.parallel ? c.threads : 1,
      static_cast<double>(c.shared_bytes) / 1024, static_cast<double>(c.local_bytes) / 1024,
      c.compile_seconds * 1e3);
  constexpr const char* kSpaces[] = {"", "shared", "local"};
  for (const Stage& stage : c.stages) {
    text += fmt::format("stage{}\n", stage.parallel ? ", all threads" : "");
    for (const Chain& chain : stage.chains) {
      text += "  " + describe(chain) + "\n";
      for (int s = chain.first_step; s < chain.last_step; ++s) {
        const Step& step = c.steps[static_cast<size_t>(s)];
        text += fmt::format("  {:3} {:<34} {:>9.3f} MFLOP {:>9.1f} KB  {}", s, step.kernel->name(),
                            step.flops * 1e-6, step.bytes * 1e-3, step.label);
        for (const Operand& operand : step.operands)
          if (operand.space == kShared || operand.space == kLocal)
            text += fmt::format(" {}+{}", kSpaces[operand.space], operand.offset);
        text += "\n";
      }
    }
  }
  return text;
}

std::string Plan::draw() const {
  std::string text = "digraph plan {\n  rankdir=TB; node [shape=box, fontname=\"Helvetica\"];\n";
  int boxes = 0;
  for (const Stage& stage : contents_->stages)
    for (const Chain& chain : stage.chains) {
      text += fmt::format("  subgraph cluster{} {{ label=\"{}\"; style=rounded;\n", boxes++, describe(chain));
      for (int s = chain.first_step; s < chain.last_step; ++s)
        text += fmt::format("    s{} [label=\"{}\\n{}\"];\n", s,
                            contents_->steps[static_cast<size_t>(s)].kernel->name(),
                            contents_->steps[static_cast<size_t>(s)].label);
      text += "  }\n";
    }
  for (size_t s = 1; s < contents_->steps.size(); ++s) text += fmt::format("  s{} -> s{};\n", s - 1, s);
  return text + "}\n";
}

}  // namespace folio
