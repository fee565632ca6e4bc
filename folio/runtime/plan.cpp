#include "folio/runtime/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/base/threads.h"
#include "folio/runtime/run.h"

namespace folio {
namespace {

// Keeps other runs from changing the same parameters; whatever happens, they are let in at the end.
class Changing {
 public:
  explicit Changing(std::vector<Parameter>& parameters) : parameters_(parameters) {
    for (Parameter& parameter : parameters_) parameter.begin_change();
  }
  ~Changing() {
    for (Parameter& parameter : parameters_) parameter.end_change();
  }
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;

 private:
  std::vector<Parameter>& parameters_;
};

// A run that threads share: the pieces of a stage are the shares it was divided into.
struct SharedRun final : SharedWork {
  SharedRun(const PlanContents& plan, const uintptr_t* bases) : plan(plan), bases(bases) {}

  int stages() const override { return static_cast<int>(plan.stages.size()); }
  int pieces(int stage) const override {
    return plan.stages[static_cast<size_t>(stage)].parallel ? plan.threads : 1;
  }
  void run(int index, int share) const override {
    const Stage& stage = plan.stages[static_cast<size_t>(index)];
    const uintptr_t* own = bases + static_cast<size_t>(share) * static_cast<size_t>(plan.spaces());
    if (!stage.parallel)
      for (const Chain& chain : stage.chains) run_chain(plan, chain, own, chain.first, chain.first + chain.rows);
    else
      for (const Stage::Share& part : stage.shares[static_cast<size_t>(share)])
        run_chain(plan, stage.chains[static_cast<size_t>(part.chain)], own, part.first, part.last);
  }

  const PlanContents& plan;
  const uintptr_t* bases;  // of the first planned thread; those of the others follow
};

std::string describe(const Chain& chain) {
  if (chain.rows == 0) return "whole";
  return chain.chunk < chain.rows ? fmt::format("{} rows, {} at a time", chain.rows, chain.chunk)
                                  : fmt::format("{} rows", chain.rows);
}

}  // namespace

Frame::Frame(const Plan& plan, const FrameOptions& options) : contents_(plan.handle()) {
  const PlanContents& c = *contents_;
  shared_ = Tensor({c.shared_bytes}, DType::uint8);
  for (int t = 0; t < c.threads; ++t) locals_.emplace_back(Shape{c.local_bytes}, DType::uint8);
  for (const TensorType& type : c.outputs) outputs_.emplace_back(type.shape, type.dtype);
  inputs_.resize(c.inputs.size());
  times_.resize(c.steps.size());

  parameters_ = c.parameters;
  for (const Parameter& wanted : options.own_state) {
    const auto at = std::find(parameters_.begin(), parameters_.end(), wanted);
    if (at == parameters_.end())
      throw Error(fmt::format("plan {}: a frame was to keep \"{}\" for itself, which the plan does not use",
                              c.name, wanted.name()));
    *at = Parameter(wanted.name(), wanted.value().clone(), wanted.trainable());
  }
  for (int i : c.updated) updated_.push_back(parameters_[static_cast<size_t>(i)]);
  std::sort(updated_.begin(), updated_.end(),
            [](const Parameter& a, const Parameter& b) { return std::less<>()(a.id(), b.id()); });
  for (const Packed& packed : c.packed) {
    const auto at = std::find(c.parameters.begin(), c.parameters.end(), packed.parameter);
    packed_.push_back(
        PackedCopy::of({parameters_[static_cast<size_t>(at - c.parameters.begin())], packed.form}));
  }
  for (int i : c.repacked) repacked_.push_back(packed_[static_cast<size_t>(i)]);

  const auto width = static_cast<size_t>(c.spaces());
  bases_.assign(width * static_cast<size_t>(c.threads), 0);
  for (size_t t = 0; t < locals_.size(); ++t)
    bases_[t * width + kLocal] = reinterpret_cast<uintptr_t>(locals_[t].raw());
  bind(kShared, shared_.raw());
  const auto bind_all = [&](int32_t first, const auto& list, auto&& address) {
    for (size_t i = 0; i < list.size(); ++i) bind(first + static_cast<int32_t>(i), address(list[i]));
  };
  const auto of_tensor = [](const Tensor& tensor) { return tensor.raw(); };
  bind_all(c.first_output(), outputs_, of_tensor);
  bind_all(c.first_parameter(), parameters_,
           [](const Parameter& parameter) { return parameter.value().raw(); });
  bind_all(c.first_constant(), c.constants, of_tensor);
  bind_all(c.first_packed(), packed_, [](const auto& copy) { return copy->raw(); });
}

void Frame::bind(int32_t space, const void* address) {
  const auto width = static_cast<size_t>(contents_->spaces());
  for (size_t at = static_cast<size_t>(space); at < bases_.size(); at += width)
    bases_[at] = reinterpret_cast<uintptr_t>(address);
}

Parameter Frame::state(const Parameter& parameter) const {
  const std::vector<Parameter>& shared = contents_->parameters;
  for (size_t i = 0; i < shared.size(); ++i)
    if (shared[i] == parameter && !(parameters_[i] == parameter)) return parameters_[i];
  throw Error(fmt::format("plan {}: the frame keeps no values of its own for \"{}\"; name it in own_state",
                          contents_->name, parameter.name()));
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
  bind(c.first_input() + i, tensor.raw());
}

int64_t Frame::bytes() const {
  int64_t total = shared_.bytes();
  for (const Tensor& local : locals_) total += local.bytes();
  for (const Tensor& output : outputs_) total += output.bytes();
  for (size_t i = 0; i < parameters_.size(); ++i)
    if (!(parameters_[i] == contents_->parameters[i])) total += parameters_[i].value().bytes();
  return total;
}

void Plan::run(Frame& frame) const {
  const PlanContents& c = *contents_;
  if (frame.contents_ != contents_) throw InternalError("a frame was used with another plan");
  for (size_t i = 0; i < frame.inputs_.size(); ++i)
    if (!frame.inputs_[i].raw() && c.inputs[i].shape.count() > 0)
      throw Error(fmt::format("plan {}: input \"{}\" was not supplied", c.name, c.input_names[i]));
  const Changing changing(frame.updated_);
  for (const auto& copy : frame.packed_)
    if (copy->stale()) {
      PackedCopy::refresh(frame.packed_, c.threads);
      break;
    }
  StepTime* times = frame.profiled_ ? frame.times_.data() : nullptr;
  if (c.parallel && c.threads > 1 && !times)
    ThreadPool::shared().run(SharedRun(c, frame.bases_.data()), c.threads);
  else
    run_alone(c, frame.bases_.data(), times);
  for (const auto& copy : frame.repacked_) copy->follow();
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
  constexpr const char* kSpaces[] = {"shared", "local"};
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
