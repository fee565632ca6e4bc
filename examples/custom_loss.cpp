// A loss of one's own: Huber's, written with ops, differentiated and compiled like any other. It fits a line
// through points of which some are far off, and is hardly moved by them.
#include <folio/base/file.h>
#include <folio/folio.h>

#include <cmath>
#include <cstdio>

using namespace folio;

namespace {

// x² / 2 near 0, |x| - 1/2 far away.
Value huber(const Value& error) {
  return mean(select(abs(error) < 1.0, 0.5 * square(error), abs(error) - 0.5));
}

}  // namespace

int main() {
  constexpr int64_t kPoints = 200;
  Tensor x({kPoints, 1}), y({kPoints, 1});
  const RandomStream stream{1, 0, 0};
  for (int64_t i = 0; i < kPoints; ++i) {
    const double at = 2 * stream.uniform(0, static_cast<uint32_t>(i)) - 1;
    x.set(i, at);
    y.set(i, 2 * at + 1 + 0.1 * stream.normal(1, static_cast<uint32_t>(i)) + (i % 10 == 0 ? 20 : 0));
  }
  Parameter slope("slope", Tensor({1, 1})), intercept("intercept", Tensor({1}));
  const Value in = input({kPoints, 1}, DType::float32, "x"),
              wanted = input({kPoints, 1}, DType::float32, "y");
  const Value loss = huber(matmul(in, slope) + Value(intercept) - wanted);
  SGD optimizer(0.2, 0.9);
  const Plan step = compile(
      {{in, wanted}, {loss}, optimizer->updates({slope, intercept}, gradients(loss, {slope, intercept}))});

  // The graph as Graphviz draws it: dot -Tsvg custom_loss.dot
  write_file_atomically("custom_loss.dot", draw({{in, wanted}, {loss}, {}}));

  Frame frame(step);
  frame.set_input(0, x);
  frame.set_input(1, y);
  for (int i = 0; i < 400; ++i) step.run(frame);
  std::printf("%s", print({{in}, {matmul(in, slope) + Value(intercept)}, {}}).c_str());
  std::printf("y = %.3f x + %.3f (drawn from 2 x + 1, every tenth point 20 too high)\n", slope.value().at(0),
              intercept.value().at(0));
  return std::abs(slope.value().at(0) - 2) < 0.2 && std::abs(intercept.value().at(0) - 1) < 0.25 ? 0 : 1;
}
