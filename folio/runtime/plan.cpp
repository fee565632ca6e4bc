#include "folio/runtime/plan.h"

#include <fmt/format.h>
#include <omp.h>
#include <sched.h>

#include <cstring>
#include <mutex>

#include "folio/base/checked.h"
#include "folio/base/clock.h"
#include "folio/base/error.h"

namespace folio {
namespace {

// Runs one step's share: binds the operands and calls the kernel.
inline void run_share(const Step& step, const uintptr_t* bases, int64_t scratch_offset, int64_t first,
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
  const uintptr_t* bases;
  int thread;
  StepTime* times;  // null when not profiled

  void share(int index, int64_t first, int64_t last) const {
    const Step& step = plan.steps[static_cast<size_t>(index)];
    if (!times) {
      run_share(step, bases, plan.scratch_offset, first, last);
      return;
    }
    const double start = seconds_now();
    run_share(step, bases, plan.scratch_offset, first, last);
    times[index].seconds += seconds_now() - start;
    times[index].calls += 1;
  }

  void chain(const Chain& chain, int64_t first, int64_t last) const {
    if (chain.rows == 0)
      for (int s = chain.first_step; s < chain.last_step; ++s)
        share(s, 0, plan.steps[static_cast<size_t>(s)].units);
    for (int64_t next; first < last; first = next) {
      next = std::min(first + chain.chunk, last);
      for (int s = chain.first_step; s < chain.last_step; ++s) share(s, first, next);
    }
  }

  void all(const Stage& stage) const {
    for (const Chain& each : stage.chains) chain(each, 0, each.rows);
  }
  void mine(const Stage& stage) const {
    for (const Stage::Share& part : stage.shares[static_cast<size_t>(thread)])
      chain(stage.chains[static_cast<size_t>(part.chain)], part.first, part.last);
  }
};

std::string describe(const Chain& chain) {
  if (chain.rows == 0) return "whole";
  return chain.chunk < chain.rows ? fmt::format("{} rows, {} at a time", chain.rows, chain.chunk)
                                  : fmt::format("{} rows", chain.rows);
}

}  // namespace

void Barrier::wait(int threads) {
  if (threads == 1) return;
  const unsigned phase = phase_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads) {
    arrived_.store(0, std::memory_order_relaxed);
    phase_.store(phase + 1, std::memory_order_release);
    return;
  }
  for (int spins = 0; phase_.load(std::memory_order_acquire) == phase; ++spins) {
    if (spins < 4000)
      __builtin_ia32_pause();
    else
      sched_yield();
  }
}

void PackedCopy::refresh(const std::vector<std::shared_ptr<PackedCopy>>& copies, int threads) {
  // One lock for all copies: plans may share some of them in any order.
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  int64_t elements = 0;
  for (const auto& copy : copies) {
    copy->next_version_ = copy->parameter_.version();
    if (copy->stale()) elements += copy->parameter_.value().count();
  }
  const auto share = [&](int64_t thread, int64_t of) {
    for (const auto& copy : copies) {
      if (copy->packed_version_.load(std::memory_order_relaxed) == copy->next_version_) continue;
      const int64_t n = copy->parts();
      copy->pack(n * thread / of, n * (thread + 1) / of);
    }
  };
  // A region costs about a microsecond: worth it from some tens of thousands of elements on.
  if (threads > 1 && elements > 30000) {
#pragma omp parallel num_threads(threads)
    share(omp_get_thread_num(), omp_get_num_threads());
  } else {
    share(0, 1);
  }
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
  const auto runner = [&](int thread) {
    return Runner{c, frame.bases_.data() + static_cast<size_t>(thread) * width, thread, times};
  };
  if (c.parallel && c.threads > 1 && !times) {
#pragma omp parallel num_threads(c.threads)
    {
      const int thread = omp_get_thread_num(), threads = omp_get_num_threads();
      const Runner own = runner(thread);
      for (size_t s = 0; s < c.stages.size(); ++s) {
        const Stage& stage = c.stages[s];
        // OpenMP may give fewer threads than asked for; the shares are dealt for the planned number.
        if (stage.parallel && threads == c.threads)
          own.mine(stage);
        else if (thread == 0)
          own.all(stage);
        if (s + 1 < c.stages.size()) frame.barrier_->wait(threads);
      }
    }
  } else {
    const Runner alone = runner(0);
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
