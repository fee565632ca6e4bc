// C5: a loss of one's own: Huber's, written with ops, differentiated and compiled like any other. It fits a
// line through points of which some are far off, and is hardly moved by them, as the squared error is.
#include <folio/base/file.h>
#include <folio/folio.h>
#include <folio/report/plot.h>

#include <cmath>
#include <cstdio>

using namespace folio;

namespace {

// x² / 2 near 0, |x| - 1/2 far away.
Value huber(const Value& error) {
  return mean(select(abs(error) < 1.0, 0.5 * square(error), abs(error) - 0.5));
}

struct Line {
  double slope, intercept;
};

// The line that 400 steps of gradient descent come to.
Line fitted(const Tensor& x, const Tensor& y, Value (*loss_of)(const Value& error)) {
  Parameter slope("slope", Tensor({1, 1})), intercept("intercept", Tensor({1}));
  const Value in = input(x.shape(), DType::float32, "x"), wanted = input(y.shape(), DType::float32, "y");
  const Value line = matmul(in, slope) + Value(intercept), loss = loss_of(line - wanted);
  SGD optimizer(0.2, 0.9);
  const Plan step = compile(
      {{in, wanted}, {loss}, optimizer->updates({slope, intercept}, gradients(loss, {slope, intercept}))});
  // The graph as Graphviz draws it: dot -Tsvg custom_loss.dot
  write_file_atomically("custom_loss.dot", draw({{in, wanted}, {loss}, {}}));

  Frame frame(step);
  frame.set_input(0, x);
  frame.set_input(1, y);
  for (int i = 0; i < 400; ++i) step.run(frame);
  return {slope.value().at(0), intercept.value().at(0)};
}

}  // namespace

int main() {
  constexpr int64_t kPoints = 200;
  Tensor x({kPoints, 1}), y({kPoints, 1});
  std::vector<double> xs, ys;
  const RandomStream stream{1, 0, 0};
  for (int64_t i = 0; i < kPoints; ++i) {
    const double at = 2 * stream.uniform(0, static_cast<uint32_t>(i)) - 1;
    const double noise = 0.1 * stream.normal(1, static_cast<uint32_t>(i));
    x.set(i, at);
    y.set(i, 2 * at + 1 + noise + (at > 0.3 && i % 3 == 0 ? 8 : 0));
    xs.push_back(x.at(i)), ys.push_back(y.at(i));
  }
  const Line squares = fitted(x, y, [](const Value& error) { return mean(square(error)); });
  const Line robust = fitted(x, y, huber);
  Plot plot("A line through points with outliers");
  plot.scatter("points", xs, ys);
  for (const auto& [name, line] : {std::pair("squared error", squares), std::pair("Huber", robust)}) {
    std::printf("%-13s y = %.2f x + %.2f\n", name, line.slope, line.intercept);
    plot.line(name, {-1, 1}, {line.intercept - line.slope, line.intercept + line.slope});
  }
  std::printf("drawn from    y = 2 x + 1, some points 8 too high\n");
  write_file_atomically("custom_loss.svg", plot.x_axis({.label = "x"}).y_axis({.label = "y"}).svg());
  const auto error = [](const Line& line) { return std::hypot(line.slope - 2, line.intercept - 1); };
  return error(robust) < 0.6 && error(squares) > 4 * error(robust) ? 0 : 1;
}
