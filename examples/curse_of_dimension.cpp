// The curse of dimensionality: with more dimensions all distances become alike, and the samples needed to
// have one nearby grow exponentially.
#include <folio/base/file.h>
#include <folio/base/random.h>
#include <folio/report/plot.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

using namespace folio;

namespace {

/// Draws points of the unit cube, one after another.
class Cube {
 public:
  explicit Cube(int dimensions) : point_(static_cast<size_t>(dimensions)) {}
  const std::vector<double>& next() {
    for (size_t d = 0; d < point_.size(); ++d) point_[d] = stream_.uniform(row_, static_cast<uint32_t>(d));
    ++row_;
    return point_;
  }

 private:
  RandomStream stream_{1, 0, 0};
  uint32_t row_ = 0;
  std::vector<double> point_;
};

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t d = 0; d < a.size(); ++d) sum += (a[d] - b[d]) * (a[d] - b[d]);
  return std::sqrt(sum);
}

/// Distances concentrate: their deviation stays the same while their mean grows as √d, so for large d
/// deviation / mean = √(7/180) · 3 / √d (squared differences of a coordinate have mean 1/6 and variance
/// 7/180).
bool distances_concentrate(Plot& plot) {
  std::printf("dimensions  largest / smallest  deviation / mean  theory\n");
  constexpr int kPairs = 2000;
  bool holds = true;
  double first_ratio = 0, ratio = 0;
  std::vector<double> x, measured, theories;
  for (int dimensions : {1, 2, 10, 100, 1000}) {
    Cube cube(dimensions);
    double smallest = INFINITY, largest = 0, sum = 0, squares = 0;
    for (int pair = 0; pair < kPairs; ++pair) {
      const std::vector<double> a = cube.next();
      const double apart = distance(a, cube.next());
      smallest = std::min(smallest, apart);
      largest = std::max(largest, apart);
      sum += apart;
      squares += apart * apart;
    }
    const double mean = sum / kPairs, deviation = std::sqrt(squares / kPairs - mean * mean);
    const double theory = std::sqrt(7.0 / 180) * 3 / std::sqrt(dimensions);
    ratio = largest / smallest;
    if (first_ratio == 0) first_ratio = ratio;
    std::printf("%10d  %18.2f  %16.4f  %.4f\n", dimensions, ratio, deviation / mean, theory);
    x.push_back(dimensions);
    measured.push_back(deviation / mean);
    theories.push_back(theory);
    if (dimensions >= 100) holds = holds && std::abs(deviation / mean / theory - 1) < 0.1;
  }
  plot.line("measured", x, measured, {.points = true}).line("theory", x, theories, {.dashed = true});
  plot.x_axis({.label = "dimensions", .log = true})
      .y_axis({.label = "deviation / mean of distances", .log = true});
  return holds && ratio < 1.2 && first_ratio > 100;
}

/// How many points must be drawn until one is nearer than `radius` to the centre: 1 / volume of the ball on
/// average.
bool needed_samples_explode(Plot& plot) {
  std::printf("dimensions  samples for a neighbour within 0.4  theory\n");
  constexpr double kRadius = 0.4;
  constexpr int kTrials = 1000;
  bool holds = true;
  std::vector<double> x, measured, theories;
  for (int dimensions = 1; dimensions <= 9; dimensions += 2) {
    Cube cube(dimensions);
    const std::vector<double> centre(static_cast<size_t>(dimensions), 0.5);
    double drawn = 0;
    for (int trial = 0; trial < kTrials; ++trial) do
        ++drawn;
      while (distance(cube.next(), centre) > kRadius);
    const double half = dimensions / 2.0;
    const double volume =
        std::pow(std::numbers::pi, half) / std::tgamma(half + 1) * std::pow(kRadius, dimensions);
    std::printf("%10d  %35.1f  %.1f\n", dimensions, drawn / kTrials, 1 / volume);
    x.push_back(dimensions);
    measured.push_back(drawn / kTrials);
    theories.push_back(1 / volume);
    holds = holds && std::abs(drawn / kTrials * volume - 1) < 0.15;  // a mean of 1,000 is good to about 3 %
  }
  plot.line("measured", x, measured, {.points = true}).line("theory", x, theories, {.dashed = true});
  plot.x_axis({.label = "dimensions"}).y_axis({.label = "samples for a neighbour within 0.4", .log = true});
  return holds;
}

}  // namespace

int main() {
  std::vector<Plot> plots(2);
  const bool concentrate = distances_concentrate(plots[0]), explode = needed_samples_explode(plots[1]);
  write_file_atomically("curse_of_dimension.svg", side_by_side(plots));
  return concentrate && explode ? 0 : 1;
}
